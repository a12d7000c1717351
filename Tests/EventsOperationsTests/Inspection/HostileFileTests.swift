//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite
import Foundation
import Testing

@testable import EventsOperations

@Suite("Files that are no sound log", .timeLimit(.minutes(15)))
struct HostileFileTests {
    /// How many files are tried of those that are damaged at random.
    private static let rounds = ProcessInfo.processInfo.environment["HOSTILE_TEST_ROUNDS"].flatMap { Int($0) } ?? 8

    private func failure(_ path: String) -> LogFailure? {
        do {
            _ = try LogInspection(path)
            return nil
        } catch { return error as? LogFailure }
    }

    @Test("what is no regular file is refused, by what it is")
    func notAFile() async throws {
        let folder = try await Shop.copy()
        #expect(failure(folder.path + "/none.db")?.message.contains("there is no log") == true)
        #expect(failure(folder.path + "/none/x.db")?.message.contains("its directory does not exist") == true)
        #expect(failure(folder.path)?.message.contains("is a directory") == true)
        #expect(failure("")?.reason == .invalid && failure("file:x?mode=rw")?.reason == .invalid)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.db", withDestinationPath: folder.log)
        #expect(failure(folder.path + "/link.db")?.message.contains("is a symbolic link") == true)
        #expect(mkfifo(folder.path + "/fifo.db", 0o600) == 0)
        #expect(failure(folder.path + "/fifo.db")?.message.contains("is no regular file") == true)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "-link", withDestinationPath: folder.path)
        defer { try? FileManager.default.removeItem(atPath: folder.path + "-link") }
        #expect(failure(folder.path + "-link/shop.db") == nil, "links among the directories are followed")
    }

    @Test("what is no database of ours is refused, and not touched")
    func foreign() throws {
        let folder = try Folder()
        for (name, bytes) in [("empty", Data()), ("text", Data("hello".utf8)), ("long", Data(repeating: 65, count: 10_000))] {
            let path = folder.path + "/" + name
            try bytes.write(to: URL(filePath: path))
            #expect(failure(path) != nil, "\(name)")
            #expect(FileManager.default.contents(atPath: path) == bytes)
        }
        let other = folder.path + "/other.db"
        do { try Connection(path: other, mode: .readWrite).execute("CREATE TABLE t (x)") }
        #expect(failure(other)?.message.contains("another program") == true)
    }

    @Test("a newer log is refused as such, an older one is read")
    func versions() async throws {
        let folder = try await Shop.copy()
        try folder.damage("PRAGMA user_version = \(Schema.version + 1)")
        #expect(failure(folder.log)?.reason == .newer)
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "EventsSQLiteTests/Migration/Fixtures/log-version-1.sql")
        let old = try Folder()
        try old.damage(try String(contentsOf: fixture, encoding: .utf8))
        for (verb, text) in [
            ("dlq list", "OutOfStock"), ("dlq show reserve/11 --payload", "quantity"), ("why reserve/12", "parked"),
            ("trace 1", "order.shipped"),
            ("stats", "reserve"), ("subscriptions", "?"), ("verify", "sound"), ("topology", "order.placed"),
            ("log", "order.shipped"),
        ] {
            let result = try await Eventbus.run(verb.split(separator: " ").map(String.init), log: old.log)
            #expect(result.status == 0 && result.output.contains(text), "\(verb): \(result.output)\(result.errors)")
        }
        #expect(try await Eventbus.run(["audit"], log: old.log).status == 3)
        let change = try await Eventbus.run(["dlq", "retry", "reserve/11"], log: old.log)
        #expect(change.status == 5 && change.errors.contains("older format"))
        #expect(try old.column("PRAGMA user_version") == ["1"])
    }

    @Test(
        "tables that are not what they should be are refused",
        arguments: [
            "DROP TABLE bus_attempts; CREATE VIEW bus_attempts AS SELECT * FROM bus_events",
            "DROP TABLE bus_attempts; CREATE VIRTUAL TABLE bus_attempts USING fts5(subscription, offset, number, started_at, duration, error_type, error_text, is_counted)",
            "ALTER TABLE bus_attempts DROP COLUMN duration", "DROP TABLE bus_discards", "DROP INDEX bus_dead_letters_that_park",
        ])
    func schema(sql: String) async throws {
        let folder = try await Shop.copy()
        try folder.damage(sql)
        #expect(failure(folder.log)?.reason == .corrupt)
        #expect(try await Eventbus.run(["dlq", "discard", "--all", "--yes", "-r", "x"], log: folder.log).status == 1)
    }

    @Test("a file that was cut off is refused, or what is left of it is read without a trap")
    func truncated() async throws {
        let folder = try await Shop.copy()
        let bytes = try #require(FileManager.default.contents(atPath: folder.log))
        for length in stride(from: 0, to: bytes.count, by: bytes.count / (Self.rounds + 1)) {
            try bytes.prefix(length).write(to: URL(filePath: folder.log))
            for verb in ["dlq list", "verify", "why mail/1"] {
                let result = try await Eventbus.run(verb.split(separator: " ").map(String.init), log: folder.log)
                #expect([0, 1, 3].contains(result.status), "\(length): \(result)")
            }
        }
    }

    @Test("bytes that were changed anywhere never trap")
    func flipped() async throws {
        let folder = try await Shop.copy()
        let bytes = try #require(FileManager.default.contents(atPath: folder.log))
        var number: UInt64 = 7
        for _ in 0..<Self.rounds {
            var damaged = bytes
            for _ in 0..<20 {
                number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                damaged[Int(number >> 33) % damaged.count] = UInt8(truncatingIfNeeded: number >> 20)
            }
            try damaged.write(to: URL(filePath: folder.log))
            for verb in ["dlq list", "verify", "trace 1", "stats"] {
                let result = try await Eventbus.run(verb.split(separator: " ").map(String.init), log: folder.log)
                #expect([0, 1, 3].contains(result.status), "\(result)")
            }
        }
    }

    @Test(
        "texts that are blobs, no UTF-8, full of codes, or very long break nothing",
        arguments: ["CAST(x'80FF41' AS TEXT)", "char(27,91,50,74,8238,0,10,155)", "printf('%.*c', 1000000, 'x')"])
    func texts(expression: String) async throws {
        let folder = try await Shop.copy()
        try folder.damage(
            """
            UPDATE bus_events SET payload = \(expression), name = \(expression), ordering_key = \(expression), headers = \(expression), emitted_by = \(expression) WHERE offset IN (1, 5);
            UPDATE bus_dead_letters SET error_text = \(expression), error_type = \(expression), event_name = \(expression), ordering_key = \(expression), correlation_id = \(expression), reason = \(expression) WHERE offset = 1;
            UPDATE bus_attempts SET error_text = \(expression), error_type = \(expression);
            INSERT INTO bus_audit VALUES (1, 0, \(expression), \(expression), \(expression), 1, \(expression));
            """)
        let verbs = [
            "dlq list", "dlq list --group", "dlq show mail/1 --payload", "why mail/1", "why 1", "trace 1", "trace 1 --mermaid",
            "log --payload",
            "tail -n20 -c11 --payload", "stats", "subscriptions", "topology", "topology --mermaid", "verify", "audit",
            "dlq export", "dlq export --redact x",
        ]
        // What is long takes a while, and the verbs share how they deal with it.
        let isLong = expression.hasPrefix("printf")
        for verb in isLong ? ["dlq list", "dlq show mail/1", "why mail/1", "log --payload"] : verbs {
            for format in [[], ["--json"]] {
                let result = try await Eventbus.run(verb.split(separator: " ").map(String.init) + format, log: folder.log)
                #expect([0, 1, 3].contains(result.status), "\(verb): \(result.errors.prefix(300))")
                let codes = (result.output + result.errors).unicodeScalars.filter {
                    ($0.value < 0x20 && $0 != "\n") || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E
                }
                #expect(codes.isEmpty, "\(verb)")
                if !format.isEmpty, result.status == 0 {
                    #expect(result.objects.count == result.output.split(separator: "\n").count, "\(verb)")
                }
            }
        }
    }

    @Test("a log of a service that was killed is read, write-ahead log and all")
    func killed() async throws {
        let folder = try Folder()
        let first = try Child(try Eventbus.built("LetterTestProcess"), [folder.log, "fail", "30"])
        try await first.end()
        let service = try Child(try Eventbus.built("LetterTestProcess"), [folder.log, "work", "30"])
        let operations = BusOperations(database: folder.log)
        while true {
            if case .running = try await operations.owner() { break }
            await Task.yield()
        }
        try await operations.retry(.one(DeadLetter.ID(subscription: "mail", offset: Offset(rawValue: 7))))
        service.kill()
        try await service.end()
        #expect(FileManager.default.fileExists(atPath: folder.log + "-wal"))
        let list = try await Eventbus.run(["dlq", "list"], log: folder.log)
        #expect(list.errors.contains("20 of 29 dead letters"), "\(list)")
        #expect(try await Eventbus.run(["verify"], log: folder.log).status == 0)
        // The socket that it left means nothing.
        #expect(FileManager.default.fileExists(atPath: folder.log + "-socket"))
        #expect(try await Eventbus.run(["dlq", "discard", "mail/8", "-r", "x"], log: folder.log).status == 0)
    }

    @Test("a log in a directory that nobody may write to is read, or it is said why not")
    func readOnlyDirectory() async throws {
        let folder = try await Shop.copy()
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path) }
        let result = try await Eventbus.run(["dlq", "list"], log: folder.log)
        #expect(result.status == 0 || (result.status == 1 && result.errors.contains(folder.log)), "\(result)")
    }
}
