//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation
import Testing

@testable import EventsSQLite

@Suite("Changing a log that no bus has open", .timeLimit(.minutes(15)))
struct StoppedLogTests {
    private let service: LetterService
    private static let time = Date(timeIntervalSince1970: 1_800_000_000)

    init() async throws {
        service = try LetterService()
        try await service.leaveLetters(2)
    }

    private func perform(_ change: ControlChange, reason: String = "") async throws -> ControlResult {
        try await StoppedLog.perform(ControlRequest(change, actor: "tester", reason: reason), on: service.path, at: Self.time)
    }

    @Test("a letter that is sent back is handled by the next bus, and no epoch is begun meanwhile")
    func retry() async throws {
        let epoch = try service.column("SELECT epoch FROM bus_log")
        #expect(try await perform(.retry(.one("mail/1"))) == .letters(count: 1, ids: ["mail/1"]))
        #expect(try service.column("SELECT epoch FROM bus_log") == epoch)
        #expect(try service.column("SELECT actor FROM bus_audit") == ["tester"])
        try await service.run { [service] bus in
            while service.handled.isEmpty { await Task.yield() }
            #expect(await bus.statistics().subscriptions["mail"]?.deadLetters == 1)
        }
        #expect(service.handled == [1])
    }

    @Test("giving up frees what was parked")
    func discard() async throws {
        #expect(try await perform(.discard(.matching(.all)), reason: "void") == .letters(count: 2, ids: ["mail/1", "mail/2"]))
        #expect(try service.column("SELECT reason FROM bus_discards") == ["void", "void"])
        #expect(try service.column("SELECT affected FROM bus_audit") == [2])
    }

    @Test("a letter whose type nobody registered last stays")
    func unhandled() async throws {
        do {
            let connection = try Connection(path: service.path, mode: .readWrite)
            try connection.execute("UPDATE bus_subscription_types SET through_offset = 2")
        }
        await #expect {
            try await perform(.retry(.one("mail/1")))
        } throws: { ($0 as? ControlError)?.code == .refused }
        #expect(try await perform(.retry(.matching(.all))) == .letters(count: 0, ids: []))
        #expect(try service.column("SELECT count(*) FROM bus_dead_letters") == [2])
    }

    @Test("a log that somebody has open is left alone, and its owner is named")
    func owned() async throws {
        try await service.run { [service] _ in
            await #expect {
                try await StoppedLog.perform(
                    ControlRequest(.discard(.matching(.all)), actor: "tester"), on: service.path, at: Self.time)
            } throws: { error in
                guard let failure = error as? LogFailure else { return false }
                return failure.reason == .owned && failure.message.contains("pid \(ProcessInfo.processInfo.processIdentifier)")
            }
        }
    }

    @Test("a log of an older version is left alone, since the service may be older as well")
    func older() async throws {
        do {
            let connection = try Connection(path: service.path, mode: .readWrite)
            try connection.execute("PRAGMA user_version = 1")
        }
        await #expect { try await perform(.discard(.matching(.all))) } throws: { ($0 as? ControlError)?.code == .refused }
        #expect(try service.column("SELECT count(*) FROM bus_dead_letters") == [2])
    }

    @Test("a file that is not there is not created")
    func missing() async throws {
        let path = service.sandbox("none.db")
        await #expect(throws: LogFailure.self) {
            try await StoppedLog.perform(ControlRequest(.discard(.matching(.all)), actor: "tester"), on: path, at: Self.time)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: service.sandbox.path).allSatisfy { !$0.hasPrefix("none") })
    }

    @Test("what is refused half-way leaves nothing behind")
    func atomic() async throws {
        let edits = [ControlEdit(pointer: "/quantity", value: "5"), ControlEdit(pointer: "/none/there", value: "1")]
        await #expect(throws: LogFailure.self) { try await perform(.edit(letter: "mail/1", values: edits)) }
        #expect(try service.column("SELECT (SELECT count(*) FROM bus_edits) + (SELECT count(*) FROM bus_audit)") == [0])
    }

    @Test("an edit keeps the rest of the payload to the last digit")
    func exactNumbers() async throws {
        do {
            let connection = try Connection(path: service.path, mode: .readWrite)
            try connection.execute(
                "UPDATE bus_edits SET payload = payload; INSERT INTO bus_audit VALUES (1, 0, '', 'edit', '', 1, '')")
        }
        let whole = [ControlEdit(pointer: "", value: #"{"big":12345678901234567890.10,"list":[1,{"a/b":null}],"quantity":1}"#)]
        _ = try await perform(.edit(letter: "mail/1", values: whole))
        let edits = [
            ControlEdit(pointer: "/list/1/a~1b", value: "\"ü\""), ControlEdit(pointer: "/list/-", value: "[]"),
            ControlEdit(pointer: "/new", value: "true"), ControlEdit(pointer: "/quantity", value: "2"),
        ]
        #expect(try await perform(.edit(letter: "mail/1", values: edits)) == .edited(number: 2))
        #expect(
            try service.column("SELECT payload FROM bus_edits WHERE number = 2")
                == [#"{"big":12345678901234567890.10,"list":[1,{"a/b":"ü"},[]],"quantity":2,"new":true}"#])
    }

    @Test(
        "a place that is not there, or a value that is no JSON, is refused",
        arguments: [
            ("quantity", "1"), ("/a/b", "1"), ("/quantity/x", "1"), ("/quantity", "two"), ("/quantity", ""), ("/a~2", "1"),
            ("/a\"b", "1"),
        ])
    func wrongEdits(pointer: String, value: String) async throws {
        await #expect {
            try await perform(.edit(letter: "mail/1", values: [ControlEdit(pointer: pointer, value: value)]))
        } throws: { ($0 as? LogFailure)?.reason == .invalid }
    }

    @Test("an edit that is not what was written makes its letter corrupt, and no edit mends that")
    func damagedEdit() async throws {
        _ = try await perform(.edit(letter: "mail/1", values: [ControlEdit(pointer: "/quantity", value: "5")]))
        do {
            let connection = try Connection(path: service.path, mode: .readWrite)
            try connection.execute("UPDATE bus_edits SET payload = '{\"quantity\":6}'")
        }
        await #expect(throws: LogFailure.self) {
            try await perform(.edit(letter: "mail/1", values: [ControlEdit(pointer: "/quantity", value: "7")]))
        }
        _ = try await perform(.retry(.one("mail/1")))
        try await service.run { [service] bus in
            try await service.wait(for: "SELECT 1 FROM bus_dead_letters WHERE reason = 'corrupt'", on: bus)
        }
        #expect(service.handled.isEmpty)
    }

    @Test("pruning and removing forget what was done by hand with what they remove")
    func forgetting() async throws {
        _ = try await perform(.edit(letter: "mail/1", values: [ControlEdit(pointer: "/quantity", value: "5")]))
        _ = try await perform(.retry(.one("mail/1")))
        _ = try await perform(.plan(.all))
        try await service.run(subscriptions: []) { bus in
            let removed = try await bus.removeSubscription("mail")
            #expect(removed?.deadLetters == 1)
        }
        #expect(
            try service.column("SELECT (SELECT count(*) FROM bus_edits) + (SELECT count(*) FROM bus_redrives)") == [0])
        #expect(try service.column("SELECT state FROM bus_plan_items") == ["gone"])
        #expect(try service.column("SELECT action FROM bus_audit ORDER BY id") == ["edit", "redrive", "plan", "remove"])
    }
}
