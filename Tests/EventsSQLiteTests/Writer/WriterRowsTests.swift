//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Testing

@testable import EventsSQLite

/// Rows of several publishes go into the file together; each publish must come out as if it had been alone.
@Suite("Rows that are inserted together")
struct WriterRowsTests {
    /// Hands in appends while a commit runs, so that all of them are the next one. Returns what each came to, in order.
    private func append(_ appends: [[LogEvent]], to log: WriterFixture) async -> [Result<LogAppended, LogFailure>] {
        let results = Notes<Result<LogAppended, LogFailure>>()
        await withCheckedContinuation { continuation in
            log.whileBusy {
                for (index, events) in appends.enumerated() {
                    log.writer.submit(
                        .append(
                            LogAppend(events: events) { result in
                                results.add(result)
                                if index == appends.count - 1 { continuation.resume() }
                            }))
                }
            }
        }
        return results.all
    }

    private func names(_ log: WriterFixture) throws -> [String] {
        let connection = try Connection(path: log.path, mode: .readOnly)
        let statement = try connection.prepare("SELECT \(EventRow.columns) FROM bus_events e ORDER BY e.offset")
        var names: [String] = []
        while try statement.step() {
            let row = EventRow(statement)
            #expect(row.isIntact)
            let stored = row.decode(isIntact: true)
            #expect(stored.offset.rawValue == Int64(names.count + 1))
            names.append("\(stored.event.name) \(stored.event.payload.count)")
        }
        return names
    }

    @Test("batches and single events, with keys and without, keep their order and their own content", arguments: 1...20)
    func mixed(count: Int) async throws {
        let log = try WriterFixture()
        try await log.open()
        let appends: [[LogEvent]] = (0..<count).map { number in
            let payload = String(repeating: "x", count: 10 * number)
            switch number % 4 {
            case 1: return (0..<number).map { .named("batch\($0)", payload: payload) }
            case 3: return [.named("keyed", idempotencyKey: "k\(number)", payload: payload)]
            default: return [.named("single", key: "key", payload: payload)]
            }
        }
        let results = await append(appends, to: log)
        var next: Int64 = 1
        for (result, events) in zip(results, appends) {
            #expect(try result.get() == LogAppended(first: Offset(rawValue: next)))
            next += Int64(events.count)
        }
        #expect(try names(log) == appends.flatMap { $0 }.map { "\($0.name) \($0.payload.count)" })
    }

    @Test("a publish that is refused leaves no gap in what waits with it")
    func refused() async throws {
        let log = try WriterFixture()
        try await log.open()
        _ = try await log.append(.named("first", idempotencyKey: "k"))
        let results = await append(
            [[.named("a")], [.named("b")], [.named("other", idempotencyKey: "k")], [.named("c")], [.named("d")]], to: log)
        #expect(results.map { (try? $0.get())?.first.rawValue } == [2, 3, nil, 4, 5])
        #expect(try names(log).count == 5)
    }

    @Test("a row that the file refuses fails its own publish, and none of those that it was to be inserted with")
    func refusedByFile() async throws {
        let log = try WriterFixture()
        try await log.open()
        try log.tamper(
            "CREATE TRIGGER angry BEFORE INSERT ON bus_events WHEN NEW.name = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END")
        let appends = (0..<20).map { [LogEvent.named($0 == 5 ? "bad" : "good")] }
        let results = await append(appends, to: log)
        for (index, result) in results.enumerated() { #expect(((try? result.get()) == nil) == (index == 5)) }
        #expect(try names(log).count == 19)
        #expect(log.writer.poison == nil)
    }

    @Test("a commit action sees what was published before it in the same commit")
    func visible() async throws {
        let log = try WriterFixture()
        try await log.open()
        let seen = Notes<SQLiteValue>()
        await withCheckedContinuation { continuation in
            log.whileBusy {
                for _ in 0..<3 { log.writer.submit(.append(LogAppend(events: [.named("a")]) { _ in })) }
                let action = CommitAction.sql { tx in
                    for row in try tx.query("SELECT count(*) FROM bus_events") { seen.add(row[0]) }
                }
                log.writer.submit(.transact(LogTransact(action: action) { _ in continuation.resume() }))
            }
        }
        #expect(seen.all == [3])
    }

    @Test("what is used again has nothing of what it was used for, and does not keep a large change's memory")
    func usedAgain() {
        let pending = PendingChange()
        let large = LogEvent.named("a", idempotencyKey: "k", payload: String(repeating: "x", count: 100_000))
        pending.fill(.append(LogAppend(events: Array(repeating: large, count: 100)) { _ in }))
        #expect(pending.encoded.count == 100 && !pending.isPlainAppend)
        pending.empty()
        #expect(pending.change == nil && pending.encoded.count == 0 && pending.byteCount == 0)
        #expect(pending.encoded.bytes.capacity < 10_000)
        pending.fill(.append(LogAppend(events: [.named("b")]) { _ in }))
        #expect(pending.encoded.count == 1 && pending.isPlainAppend)
        pending.empty()
        pending.fill(.leave(LogLeave(subscription: SubscriptionKey(rawValue: 1)) { _ in }))
        #expect(!pending.isPlainAppend)
    }
}

@Suite("A late constant")
struct LateConstantTests {
    private final class Witness: Sendable {
        let end: @Sendable () -> Void

        init(_ end: @escaping @Sendable () -> Void) {
            self.end = end
        }

        deinit { end() }
    }

    @Test("there is nothing before it is set, and the first value after")
    func once() {
        let constant = LateConstant<Int>()
        #expect(constant.value == nil && constant.withValue { $0 } == nil)
        constant.set(1)
        constant.set(2)
        #expect(constant.value == 1)
    }

    @Test("it keeps what was set as long as it lives, and nothing else")
    func lifetime() {
        let ended = Notes<Int>()
        var constant: LateConstant<Witness>? = LateConstant()
        constant?.set(Witness { ended.add(1) })
        #expect(ended.all == [])
        constant?.set(Witness { ended.add(2) })
        #expect(ended.all == [2])
        constant = nil
        #expect(ended.all == [2, 1])
    }
}
