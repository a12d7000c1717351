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

/// One owner, and one file that stays where it is, seen from the bus.
@Suite("A bus and the file of its log", .timeLimit(.minutes(15)))
struct LogFileTests {
    private let sandbox: FileSandbox

    init() throws {
        sandbox = try FileSandbox()
    }

    /// Why a bus could not be opened on a path, or why its run ended.
    private func failure(of body: @Sendable () async throws -> Void) async -> LogFailure.Reason? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? LogFailure)?.reason
        }
    }

    @Test("a second bus on the file is refused with the process that has it, and harms nothing")
    func owned() async throws {
        let workload = BusWorkload(path: sandbox("log.db"))
        try await workload.withBus { [sandbox] bus in
            let refusal = await #expect(throws: LogFailure.self) {
                _ = try await EventBus(log: .sqlite(sandbox("log.db")))
            }
            #expect(refusal?.reason == .owned)
            #expect(refusal?.message.contains("pid \(ProcessInfo.processInfo.processIdentifier)") == true)
            let receipt = try await workload.publish(1, on: bus)
            #expect(try await bus.outcome(of: receipt) == Outcome(completed: 2))
        }
    }

    @Test("a second bus that waits gets the log when the first one closes, with all that it has")
    func waits() async throws {
        let path = sandbox("log.db")
        var options = SQLiteLogOptions()
        options.ifOwned = .wait(upTo: .seconds(60))
        let second = BusWorkload(path: path, options: options)
        let first = try await BusWorkload(path: path).open()
        try await first.publish(Step(number: 1), idempotencyKey: "step-1")
        async let opened = second.open()
        first.beginShutdown()
        try await first.run()
        let bus = try await opened
        let again = try await second.publish(1, on: bus)
        #expect(again.offset.rawValue == 1)
        bus.beginShutdown()
        try await bus.run()
    }

    /// What somebody does to the file behind the bus's back.
    enum Mischief: CaseIterable, Sendable {
        case deleted, moved, replaced, walDeleted
    }

    @Test("nothing is acknowledged once the file is not where it was, and run() says so", arguments: Mischief.allCases)
    func lost(mischief: Mischief) async throws {
        let path = sandbox("log.db")
        let workload = BusWorkload(path: path)
        let bus = try await workload.open()
        let sandbox = self.sandbox
        async let ended = failure { try await bus.run() }
        _ = try await workload.publish(1, on: bus)
        let files = FileManager.default
        switch mischief {
        case .deleted: try files.removeItem(atPath: path)
        case .moved: try files.moveItem(atPath: path, toPath: sandbox("elsewhere.db"))
        case .replaced:
            try files.moveItem(atPath: path, toPath: sandbox("elsewhere.db"))
            try sandbox.write("", to: "log.db")
        case .walDeleted: try files.removeItem(atPath: path + "-wal")
        }
        let refusal = await #expect(throws: PublishError.self) { _ = try await workload.publish(2, on: bus) }
        #expect(refusal?.result == .rejected && refusal?.reason == .logFailed)
        let reason = await ended
        #expect(reason == .lost)
    }

    @Test("what took the file's place is not read as if it were the log")
    func notRead() async throws {
        let path = sandbox("log.db")
        let bus = try await BusWorkload(path: path).open()
        let files = FileManager.default
        try files.moveItem(atPath: path, toPath: sandbox("elsewhere.db"))
        try files.copyItem(atPath: sandbox("elsewhere.db"), toPath: path)
        let reason = await failure { _ = try await bus.read { try $0.query("SELECT count(*) FROM sqlite_schema") } }
        #expect(reason == .lost)
        bus.beginShutdown()
        _ = try? await bus.run()
    }

    @Test("what was acknowledged before the file was moved is found where it went")
    func moved() async throws {
        let path = sandbox("log.db")
        let workload = BusWorkload(path: path)
        let bus = try await workload.open()
        for number in 1...3 { _ = try await workload.publish(number, on: bus) }
        try sandbox.makeDirectory("elsewhere")
        for suffix in ["", "-wal"] {
            try FileManager.default.moveItem(atPath: path + suffix, toPath: sandbox("elsewhere/log.db" + suffix))
        }
        await #expect(throws: PublishError.self) { _ = try await workload.publish(4, on: bus) }
        await #expect(throws: LogFailure.self) { try await bus.run() }
        #expect(LogImage(sandbox("elsewhere/log.db")).events.map(\.number) == [1, 2, 3])
    }

    @Test("paths that cannot be a log's are refused, and nothing is made")
    func paths() async throws {
        try sandbox.write("a letter", to: "letter.txt")
        try sandbox.makeDirectory("directory")
        try sandbox.link("link.db", to: "letter.txt")
        for path in [
            "", ":memory:", "file:log.db", sandbox("missing/log.db"), sandbox("directory"), sandbox("letter.txt"),
            sandbox("link.db"),
        ] {
            let reason = await failure { _ = try await EventBus(log: .sqlite(path)) }
            #expect(reason != nil, "\(path)")
        }
        #expect(try sandbox.text(of: "letter.txt") == "a letter")
        #expect(!FileManager.default.fileExists(atPath: sandbox("missing")))
    }

    @Test("all files of a log are its owner's alone")
    func modes() async throws {
        try await BusWorkload(path: sandbox("log.db")).withBus { [sandbox] _ in
            for suffix in ["", "-wal", "-shm", "-lock", "-flight"] {
                let mode = try sandbox.permissions(of: "log.db" + suffix)
                #expect(mode == 0o600, "\(suffix)")
            }
        }
    }
}
