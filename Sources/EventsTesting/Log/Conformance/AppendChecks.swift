//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension LogConformance {
    static let appending: [Check] = [
        Check("offsets rise by one from 1, in the order of the events") { bench in
            let session = try await bench.open()
            let first = try await session.append(bench.events(3)).publications
            let second = try await session.append(bench.events(2)).publications
            try requireEqual((first + second).map(\.offset.rawValue), [1, 2, 3, 4, 5])
        },
        Check("an append reports the identities, and each event with its offset and its attachment") { bench in
            let session = try await bench.open()
            let cause = bench.makeID()
            let events = [bench.event(attachment: 17), bench.event(correlation: cause, attachment: 18)]
            let (publications, stored) = try await session.append(events)
            try requireEqual(publications.map(\.id), events.map(\.id))
            try requireEqual(publications.map(\.correlationID), [events[0].id, cause])
            try requireEqual(publications.map(\.isRepeat), [false, false])
            try requireEqual(stored.map(\.offset.rawValue), [1, 2])
            try requireEqual(stored.map { $0.event.attachment as? Int }, [17, 18])
        },
        Check("an append of nothing succeeds with nothing") { bench in
            let session = try await bench.open()
            let (publications, stored) = try await session.append([])
            try require(publications.isEmpty && stored.isEmpty, "nothing is published")
            try requireEqual(try await session.offsets(), [])
        },
        Check("every field of an event is read as it was written, also after a restart") { bench in
            var event = bench.event("order.placed", key: "k-1", payload: #"{"orderID":"10248"}"#, idempotencyKey: "once")
            event.schemaVersion = 7
            event.correlationID = bench.makeID()
            event.causationID = bench.makeID()
            event.depth = 3
            event.emittedBy = "reserve-stock"
            event.headers = ["trace": "00-ab", "b": ""]
            _ = try await bench.open().append([event])
            for stored in try await bench.open().events() { try requireSame(stored, event) }
            try requireEqual(try await bench.open().offsets(), [1])
        },
        Check("what an event does not have is read as not there") { bench in
            let event = bench.event()
            let session = try await bench.open()
            try await session.append([event])
            try requireSame(try requireSome(try await session.events().first, "event"), event)
        },
        Check("text of any kind is read as it was written") { bench in
            let session = try await bench.open()
            for text in ["", " ", "'; DROP TABLE x; --", "naïve \u{1F98A} \u{0301}", "\u{7F}\u{202E}\\\"", "%_*?"] {
                var event = bench.event("n" + text, key: text, payload: "{\"t\":\"" + text.filter { $0 != "\"" } + "\"}")
                event.headers = [text: text]
                event.idempotencyKey = "key" + text
                event.emittedBy = text
                let offset = try await session.append([event]).publications[0].offset
                var selection = EventSelection()
                selection.after = Offset(rawValue: offset.rawValue - 1)
                try requireSame(try requireSome(try await session.events(selection).first, "event"), event)
            }
        },
        Check("idempotency keys are the same when their bytes are, together or one by one") { bench in
            let session = try await bench.open()
            let keys = ["\u{e9}", "e\u{301}", "\u{e9}"]
            func event(_ key: String) -> LogEvent { bench.event(idempotencyKey: key) }
            let together = try await session.append(keys.map(event)).publications
            try requireEqual(together.map(\.offset.rawValue), [1, 2, 1])
            for (key, offset) in zip(keys, [1, 2, 1]) {
                try requireEqual(try await session.append([event(key)]).publications[0].offset.rawValue, Int64(offset))
            }
        },
        Check("a payload of a megabyte is read as it was written") { bench in
            let event = bench.event(payload: "\"" + String(repeating: "0123456789abcdef", count: 65536) + "\"")
            let session = try await bench.open()
            try await session.append([bench.event(), event])
            try requireSame(try requireSome(try await session.events().last, "event"), event)
        },
        Check("the time of publishing is kept to the microsecond, also before 1970") { bench in
            let session = try await bench.open()
            for seconds in [1_767_225_600.123_456, 0.000_001, -1.5, 4_102_444_800.999_999] {
                var event = bench.event()
                event.publishedAt = Date(timeIntervalSince1970: seconds)
                try await session.append([event])
                let read = try requireSome(try await session.events().last, "event").event.publishedAt
                try require(
                    abs(read.timeIntervalSince(event.publishedAt)) < 0.000_001, "\(read.timeIntervalSince1970) was \(seconds)")
            }
        },
        Check("changes are carried out, and their completions run, in the order in which they came") { bench in
            let session = try await bench.open([.named("s")])
            let order = Guarded<[Int]>([])
            for index in 0..<100 {
                session.log.submit(
                    .append(LogAppend(events: bench.events(1)) { _ in order.withLock { $0.append(index) } }))
            }
            try await session.settle("s", completed: [.at(100, from: 1)])
            try requireEqual(order.withLock { $0 }, Array(0..<100))
            try requireEqual(try await session.events().map(\.event.id), try await session.events().map(\.event.id).sorted())
        },
        Check("an empty ordering key is a key") { bench in
            let session = try await bench.open()
            try await session.append([bench.event(key: ""), bench.event()])
            try requireEqual(try await session.events().map(\.event.orderingKey), ["", nil])
        },
    ]

    static let repeating: [Check] = [
        Check("a repeated publish stores nothing and returns the first publication") { bench in
            let session = try await bench.open()
            let cause = bench.makeID()
            let first = try await session.append([bench.event(correlation: cause, idempotencyKey: "k")]).publications[0]
            let (again, stored) = try await session.append([bench.event(idempotencyKey: "k"), bench.event()])
            try requireEqual(again[0], Publication(offset: first.offset, id: first.id, correlationID: cause, isRepeat: true))
            try requireEqual(again[1].offset.rawValue, 2)
            try requireEqual(stored.map(\.offset.rawValue), [2])
        },
        Check("a repeat is noticed within one append") { bench in
            let session = try await bench.open()
            let events = [bench.event(idempotencyKey: "k"), bench.event(idempotencyKey: "k")]
            let (publications, stored) = try await session.append(events)
            try requireEqual(publications.map(\.id), [events[0].id, events[0].id])
            try requireEqual(publications.map(\.isRepeat), [false, true])
            try requireEqual(stored.count, 1)
        },
        Check("a repeat is noticed after a restart") { bench in
            let first = try await bench.open().append([bench.event(idempotencyKey: "k")]).publications[0]
            let again = try await bench.open().append([bench.event(idempotencyKey: "k")]).publications[0]
            try requireEqual(again.id, first.id)
            try require(again.isRepeat, "the second is a repeat")
        },
        Check("keys that differ in case or in a space are different keys") { bench in
            let session = try await bench.open()
            let events = ["k", "K", "k ", " k"].map { bench.event(idempotencyKey: $0) }
            try requireEqual(try await session.append(events).stored.count, 4)
        },
        Check("a key that an event of another name used fails its append as a whole") { bench in
            let session = try await bench.open()
            try await session.append([bench.event("a", idempotencyKey: "k")])
            try await requireFailure(.keyReused) {
                try await session.append([bench.event("b"), bench.event("b", idempotencyKey: "k")])
            }
            try requireEqual(try await session.append(bench.events(1)).publications[0].offset.rawValue, 2, "the next offset")
            try requireEqual(try await session.offsets(), [1, 2])
        },
        Check("an append that fails releases the keys that it used") { bench in
            let session = try await bench.open()
            try await session.append([bench.event("a", idempotencyKey: "k")])
            try await requireFailure(.keyReused) {
                try await session.append([bench.event("b", idempotencyKey: "new"), bench.event("b", idempotencyKey: "k")])
            }
            try await session.append(bench.events(1, "c"))
            try require(
                !(try await session.append([bench.event("c", idempotencyKey: "new")]).publications[0].isRepeat),
                "the key was never used")
        },
        Check("an append that fails harms none of those beside it") { bench in
            let session = try await bench.open()
            try await session.append([bench.event("a", idempotencyKey: "k")])
            let results = Guarded<[Bool]>([])
            for event in [bench.event("a"), bench.event("b", idempotencyKey: "k"), bench.event("c")] {
                session.log.submit(
                    .append(
                        LogAppend(events: [event]) { result in
                            let isDone = (try? result.get()) != nil
                            results.withLock { $0.append(isDone) }
                        }))
            }
            try await session.append(bench.events(1, "d"))
            try requireEqual(results.withLock { $0 }, [true, false, true])
            try requireEqual(try await session.events().map(\.event.name), ["a", "a", "c", "d"])
        },
        Check("a repeat of an event that is still scheduled has its identity and the offset 0") { bench in
            let session = try await bench.open()
            let scheduled = bench.event(idempotencyKey: "k")
            try await session.schedule([session.later(scheduled, due: 60)])
            let (publications, stored) = try await session.append([bench.event(idempotencyKey: "k")])
            try requireEqual(publications[0].id, scheduled.id)
            try requireEqual(publications[0].offset.rawValue, 0)
            try require(publications[0].isRepeat && stored.isEmpty, "it is a repeat and stores nothing")
        },
        Check("a key that a scheduled event of another name has fails an append") { bench in
            let session = try await bench.open()
            try await session.schedule([session.later(bench.event("a", idempotencyKey: "k"), due: 60)])
            try await requireFailure(.keyReused) { try await session.append([bench.event("b", idempotencyKey: "k")]) }
        },
    ]

    /// Fails unless a stored event is one that was published.
    static func requireSame(
        _ stored: StoredEvent, _ event: LogEvent, file: String = #fileID, line: Int = #line
    ) throws {
        let read = stored.event
        try require(stored.isIntact, "it is intact", file: file, line: line)
        try requireEqual(read.id, event.id, "the id", file: file, line: line)
        try requireEqual(read.name, event.name, "the name", file: file, line: line)
        try requireEqual(read.schemaVersion, event.schemaVersion, "the version", file: file, line: line)
        try requireEqual(read.orderingKey, event.orderingKey, "the key", file: file, line: line)
        try requireEqual(read.publishedAt, event.publishedAt, "the time", file: file, line: line)
        try requireEqual(read.correlationID, event.correlationID, "the correlation", file: file, line: line)
        try requireEqual(read.causationID, event.causationID, "the causation", file: file, line: line)
        try requireEqual(read.depth, event.depth, "the depth", file: file, line: line)
        try requireEqual(read.emittedBy, event.emittedBy, "the emitter", file: file, line: line)
        try requireEqual(read.headers, event.headers, "the headers", file: file, line: line)
        try require(read.payload == event.payload, "the payload is the same", file: file, line: line)
        try requireEqual(read.idempotencyKey, event.idempotencyKey, "the idempotency key", file: file, line: line)
    }
}
