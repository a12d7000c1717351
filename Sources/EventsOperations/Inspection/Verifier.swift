//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import Events
internal import EventsSQLite

/// Checks a whole log: that each row is what was written, and that they agree with each other.
final class Verifier {
    private let session: ReadSession
    private let progress: (String) -> Void
    private(set) var report = VerifyReport(events: 0, deliveries: 0, rows: 0, findings: 0, listed: [])

    // Of each event, by its offset: what the checks of deliveries need.
    var first: Int64 = 1
    /// The number of its name, from 1; 0 where there is no event.
    var names: [UInt32] = []
    /// A hash of its ordering key; 0 where it has none.
    var keys: [UInt64] = []
    var nameNumbers: [String: UInt32] = [:]
    /// What stands for the name of a row that cannot be relied on.
    static let damaged = UInt32.max

    /// The widest stretch of offsets that is checked: what a file says of itself must not decide how much memory that takes.
    private static let longestStretch: Int64 = 500_000_000
    private static let longestList = 100

    init(_ session: ReadSession, progress: @escaping (String) -> Void) {
        self.session = session
        self.progress = progress
    }

    /// - Parameter isQuick: Whether to leave out what SQLite checks about indexes.
    func run(isQuick: Bool) throws {
        progress("the file")
        let words = try session.rows(isQuick ? "PRAGMA quick_check(20)" : "PRAGMA integrity_check(20)") { $0.text(0) }
        for text in words where text != "ok" { find(.storage, "", "", text) }
        progress("events")
        try checkEvents()
        try checkScheduled()
        try checkEdits()
        progress("deliveries")
        for subscription in try SubscriptionRow.all(session) {
            try DeliveryCheck(self, session, subscription).run()
        }
        progress("other rows")
        try OrphanCheck(self, session).run()
    }

    func find(_ kind: VerifyFinding.Kind, _ table: String, _ subject: String, _ text: String) {
        report.findings += 1
        guard report.listed.count < Self.longestList else { return }
        report.listed.append(VerifyFinding(kind: kind, table: table, subject: subject, text: text))
    }

    func countDelivery() { report.deliveries += 1 }
    func countRows(_ count: Int) { report.rows += count }

    // MARK: Events

    private func checkEvents() throws {
        let bounds = try session.first("SELECT coalesce(min(offset), 1), coalesce(max(offset), 0) FROM bus_events") {
            ($0.int64(0), $0.int64(1))
        }
        guard let (low, high) = bounds, low <= high else { return }
        guard low > 0, high - low < Self.longestStretch else {
            return find(.cursor, "bus_events", "\(low)-\(high)", "offsets lie further apart than any log has them")
        }
        first = low
        names = Array(repeating: 0, count: Int(high - low) + 1)
        keys = Array(repeating: 0, count: names.count)
        var places: [EventID: (offset: Int64, depth: Int64)] = [:]
        // Causes that have not come yet: they were pruned, are commands, or are in the wrong place.
        var awaited: [EventID: Int64] = [:]
        let statement = try session.keep("SELECT \(EventRow.columns) FROM bus_events AS e ORDER BY e.offset")
        defer { statement.reset() }
        while try statement.step() {
            let row = EventRow(statement)
            let offset = row.offset
            report.events += 1
            guard row.isIntact, let id = row.id else {
                names[Int(offset - first)] = Self.damaged
                find(.checksum, "bus_events", "\(offset)", "the event is not what was written: its checksum is wrong")
                continue
            }
            names[Int(offset - first)] = number(of: statement.text(2))
            keys[Int(offset - first)] = statement.isNull(4) ? 0 : Self.hash(statement, 4)
            let depth = statement.int64(8)
            if let other = places[id] {
                find(.identity, "bus_events", "\(offset)", "it has the identity of offset \(other.offset)")
            }
            if let effect = awaited[id] {
                find(.causation, "bus_events", "\(effect)", "it comes before its cause, which is at offset \(offset)")
            }
            if let cause = row.causationID {
                if let place = places[cause] {
                    if depth != place.depth + 1 {
                        find(
                            .causation, "bus_events", "\(offset)",
                            "its depth is \(depth), and that of its cause at offset \(place.offset) is \(place.depth)")
                    }
                } else if awaited.count < 1_000_000 {
                    awaited[cause] = awaited[cause] ?? offset
                }
            }
            places[id] = (offset, depth)
        }
    }

    private func number(of name: String) -> UInt32 {
        if let number = nameNumbers[name] { return number }
        let number = UInt32(nameNumbers.count + 1)
        nameNumbers[name] = number
        return number
    }

    private static func hash(_ statement: Statement, _ column: Int32) -> UInt64 {
        statement.withBytes(column) { bytes in
            var hasher = Hasher()
            hasher.combine(bytes: bytes)
            return UInt64(truncatingIfNeeded: hasher.finalize()) | 1
        }
    }

    private func checkScheduled() throws {
        let statement = try session.keep(
            """
            SELECT 0, e.id, e.name, e.version, e.ordering_key, e.published_at, e.correlation_id, e.causation_id, e.depth,
                   e.emitted_by, e.headers, e.idempotency_key, e.checksum, e.payload FROM bus_scheduled AS e
            """)
        defer { statement.reset() }
        while try statement.step() {
            report.rows += 1
            if !EventRow(statement).isIntact {
                find(.checksum, "bus_scheduled", statement.text(1), "the scheduled event is not what was written")
            }
        }
    }

    private func checkEdits() throws {
        let statement = try session.keep("SELECT subscription, offset, number, checksum, payload FROM bus_edits")
        defer { statement.reset() }
        while try statement.step() {
            report.rows += 1
            let sum = statement.withBytes(4) { events_crc32c(0, $0.baseAddress, $0.count) }
            guard statement.int64(3) != Int64(sum) else { continue }
            find(
                .checksum, "bus_edits", "\(statement.int64(0))/\(statement.int64(1)) \(statement.int64(2))",
                "the edited payload is not what was written")
        }
    }
}

extension LogInspection {
    /// Checks the whole log, in one state of it.
    ///
    /// - Parameters:
    ///   - isQuick: Whether to leave out what SQLite checks about indexes.
    ///   - mayGoOn: Asked now and then; `false` stops it.
    ///   - progress: Told what is checked now.
    /// - Returns: `nil` when it was stopped.
    package func verify(
        isQuick: Bool = false, mayGoOn: @escaping () -> Bool = { true }, progress: @escaping (String) -> Void = { _ in }
    ) throws -> VerifyReport? {
        try read { session in
            try session.stoppable(mayGoOn) {
                let verifier = Verifier(session, progress: progress)
                try verifier.run(isQuick: isQuick)
                return verifier.report
            }
        }
    }
}
