//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CEventsSQLite
import Events
import EventsSQLite
import Foundation
import Testing

@testable import EventsOperations

@Suite("Verifying a log", .timeLimit(.minutes(15)))
struct VerifyTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        let kind: VerifyFinding.Kind
        let testDescription: String
        let sql: String

        init(_ kind: VerifyFinding.Kind, _ what: String, _ sql: String) {
            self.kind = kind
            testDescription = what
            self.sql = sql
        }
    }

    private static func id(_ name: String) -> String { "(SELECT id FROM bus_subscriptions WHERE name = '\(name)')" }

    static let damages = [
        Damage(.checksum, "an event's payload", "UPDATE bus_events SET payload = '{}' WHERE offset = 3"),
        Damage(.checksum, "an event's offset", "UPDATE bus_events SET offset = 12 WHERE offset = 11"),
        Damage(.checksum, "a scheduled event", "UPDATE bus_scheduled SET name = 'x'"),
        Damage(
            .checksum, "an edit",
            "INSERT INTO bus_audit VALUES (1, 0, '', 'edit', '', 1, ''); INSERT INTO bus_edits VALUES (\(id("mail")), 1, 1, 0, 1, 7, '{}')"
        ),
        Damage(.cursor, "a cursor past the end", "UPDATE bus_subscriptions SET cursor = 99 WHERE name = 'mail'"),
        Damage(.cursor, "ranges past the end", "UPDATE bus_subscriptions SET ranges = '50-60' WHERE name = 'mail'"),
        Damage(.cursor, "ranges that are none", "UPDATE bus_subscriptions SET ranges = 'x' WHERE name = 'mail'"),
        Damage(
            .state, "completed twice",
            "INSERT INTO bus_settlements SELECT subscription, 3, 4, settled_at, '1' FROM bus_settlements WHERE subscription = \(id("mail")) LIMIT 1"
        ),
        Damage(
            .state, "completed and dead",
            "INSERT INTO bus_settlements VALUES (\(id("mail")), 1, 1, 5, '0')"),
        Damage(
            .state, "dead and waiting",
            "INSERT INTO bus_deliveries VALUES (\(id("mail")), 1, 'VINET', 'waiting', NULL, NULL, 0, 0, 0, 0, 0, 0)"),
        Damage(.state, "dead and given up", "INSERT INTO bus_discards VALUES (99, \(id("mail")), 1, '', 0, 1)"),
        Damage(.state, "ended and not settled", "UPDATE bus_subscriptions SET cursor = 0, ranges = '' WHERE name = 'mail'"),
        Damage(.unaccounted, "a letter that is gone", "DELETE FROM bus_dead_letters WHERE offset = 1"),
        Damage(.unaccounted, "a row that is gone", "DELETE FROM bus_deliveries WHERE offset = 2"),
        Damage(.unaccounted, "a completion that is gone", "DELETE FROM bus_settlements WHERE subscription = \(id("audit"))"),
        Damage(
            .order, "a key that went back in time",
            "DELETE FROM bus_settlements WHERE subscription = \(id("audit")); UPDATE bus_subscriptions SET delivery_order = 'per key' WHERE name = 'audit'; INSERT INTO bus_settlements VALUES (\(id("audit")), 1, 1, 900, '0'), (\(id("audit")), 2, 8, 800, '0-2 6')"
        ),
        Damage(
            .order, "a serial subscription that went back in time",
            "DELETE FROM bus_settlements WHERE subscription = \(id("ledger")); INSERT INTO bus_settlements VALUES (\(id("ledger")), 5, 5, 900, '0'), (\(id("ledger")), 6, 11, 800, '0-1 3 5')"
        ),
        Damage(
            .orphan, "a delivery of no subscription",
            "INSERT INTO bus_deliveries VALUES (99, 1, NULL, 'waiting', NULL, NULL, 0, 0, 0, 0, 0, 0)"),
        Damage(
            .orphan, "a delivery of no event",
            "INSERT INTO bus_deliveries VALUES (\(id("mail")), 99, NULL, 'waiting', NULL, NULL, 0, 0, 0, 0, 0, 0)"),
        Damage(.orphan, "attempts of no subscription", "INSERT INTO bus_attempts VALUES (99, 1, 1, 0, 0, '', '', 1)"),
        Damage(.orphan, "attempts of no event", "INSERT INTO bus_attempts VALUES (\(id("mail")), 99, 1, 0, 0, '', '', 1)"),
        Damage(.orphan, "a letter of no subscription", "UPDATE bus_dead_letters SET subscription = 99 WHERE offset = 10"),
        Damage(.orphan, "a discard of no subscription", "INSERT INTO bus_discards VALUES (99, 99, 1, '', 0, 0)"),
        Damage(.orphan, "a settlement of no subscription", "INSERT INTO bus_settlements VALUES (99, 1, 1, 0, '0')"),
        Damage(.orphan, "a type of no subscription", "INSERT INTO bus_subscription_types VALUES (99, 'x', 0, NULL)"),
        Damage(.orphan, "a redrive that nobody did", "INSERT INTO bus_redrives VALUES (\(id("mail")), 1, 1, 0, 99)"),
        Damage(
            .orphan, "items of no plan", "INSERT INTO bus_plan_items VALUES (99, 1, \(id("mail")), 1, 1, 'pending', NULL, NULL)"),
        Damage(.orphan, "no row of the log's own", "DELETE FROM bus_log"),
        Damage(.copy, "a letter's key", "UPDATE bus_dead_letters SET ordering_key = 'x' WHERE offset = 1"),
        Damage(.copy, "a letter's name", "UPDATE bus_dead_letters SET event_name = 'x' WHERE offset = 1"),
    ]

    private func verify(_ folder: Folder) throws -> VerifyReport {
        try #require(try LogInspection(folder.log).verify())
    }

    @Test("a log with something of everything is sound")
    func sound() async throws {
        let folder = try await Shop.copy()
        let report = try verify(folder)
        #expect(report.isSound && report.events == 11 && report.deliveries > 20, "\(report)")
    }

    @Test("each kind of damage is found, and called what it is", arguments: damages)
    func damage(_ damage: Damage) async throws {
        let folder = try await Shop.copy()
        try folder.damage(damage.sql)
        let report = try verify(folder)
        #expect(report.listed.contains { $0.kind == damage.kind }, "\(report)")
        let result = try await Eventbus.run(["verify"], log: folder.log)
        #expect(result.status == 1 && result.output.contains(damage.kind.rawValue))
    }

    @Test("damage to the file itself is found")
    func pages() async throws {
        let folder = try await Shop.copy()
        // A page in the midst of an index: the rows are all there, and SQLite finds them by it no more.
        let root = Int(try folder.column("SELECT rootpage FROM sqlite_schema WHERE name = 'bus_deliveries_by_key'")[0]) ?? 0
        let handle = try FileHandle(forUpdating: URL(filePath: folder.log))
        try handle.seek(toOffset: UInt64((root - 1) * 4_096))
        try handle.write(contentsOf: Data(repeating: 0xEE, count: 150))
        try handle.close()
        let result = try await Eventbus.run(["verify"], log: folder.log)
        #expect(result.status == 1)
        #expect((result.output + result.errors).contains("storage") || result.errors.contains("damaged"), "\(result)")
    }

    @Test("effects come after their causes, and one deeper")
    func causation() async throws {
        let folder = try await Shop.copy()
        try Self.rewrite(5, in: folder, "depth = 7")
        try Self.rewrite(1, in: folder, "causation_id = (SELECT id FROM bus_events WHERE offset = 9)")
        let findings = try verify(folder).listed.filter { $0.kind == .causation }
        #expect(findings.contains { $0.subject == "5" && $0.text.contains("depth") })
        #expect(findings.contains { $0.subject == "1" && $0.text.contains("before its cause") })
    }

    @Test("no two events have one identity")
    func identity() async throws {
        let folder = try await Shop.copy()
        try Self.rewrite(2, in: folder, "id = (SELECT id FROM bus_events WHERE offset = 1)")
        #expect(try verify(folder).listed.contains { $0.kind == .identity && $0.subject == "2" })
    }

    /// Changes an event's row and makes its checksum right again.
    private static func rewrite(_ offset: Int64, in folder: Folder, _ assignment: String) throws {
        try folder.damage("UPDATE bus_events SET \(assignment) WHERE offset = \(offset)")
        let connection = try Connection(path: folder.log, mode: .readWrite)
        let statement = try connection.prepare("SELECT \(EventRow.columns) FROM bus_events AS e WHERE e.offset = \(offset)")
        _ = try statement.step()
        var sum = RowChecksum()
        for column in Int32(1)...13 where column != 12 {
            if statement.isNull(column) {
                sum.add(nil as UnsafeRawBufferPointer?)
            } else {
                statement.withBytes(column) { sum.add($0) }
            }
        }
        let checksum = sum.finish(offset: offset)
        statement.reset()
        try connection.execute("UPDATE bus_events SET checksum = \(checksum) WHERE offset = \(offset)")
    }

    @Test("what was redriven may come late, and so may what came before the order was this one")
    func late() async throws {
        for exemption in [
            "INSERT INTO bus_audit VALUES (1, 0, '', 'redrive', '', 1, ''); INSERT INTO bus_redrives VALUES (\(Self.id("ledger")), 5, 1, 0, 1)",
            "UPDATE bus_subscriptions SET order_after = 11 WHERE name = 'ledger'",
            "UPDATE bus_subscriptions SET delivery_order = NULL WHERE name = 'ledger'",
        ] {
            let folder = try await Shop.copy()
            try folder.damage(try #require(Self.damages.first { $0.testDescription.hasPrefix("a serial") }).sql + ";" + exemption)
            #expect(try verify(folder).isSound)
        }
    }

    @Test("a log is sound whatever people and time did to it")
    func handled() async throws {
        let folder = try await Shop.copy()
        let operations = BusOperations(database: folder.log, actor: "tester")
        let letter = DeadLetter.ID(subscription: "mail", offset: Offset(rawValue: 1))
        try await operations.edit(letter, [(pointer: "/quantity", json: "4")])
        _ = try await operations.makePlan(.all)
        try await operations.retry(.one(letter))
        #expect(try verify(folder).isSound)
        try await Shop.run(folder.log) { bus in
            while await bus.statistics().subscriptions["mail"]?.completed != 3 { await Task.yield() }
            try await bus.removeSubscription("archive")
            try await bus.replay("ledger")
        }
        #expect(try verify(folder).listed == [])
        try await operations.discard(.matching(.all), reason: "void")
        #expect(try verify(folder).isSound)
    }

    @Test("it can be stopped")
    func stop() async throws {
        let folder = try await Shop.copy()
        #expect(try LogInspection(folder.log).verify(mayGoOn: { false }) == nil)
    }
}
