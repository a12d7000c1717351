//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

extension LogConformance {
    private static func select(_ change: (inout EventSelection) -> Void) -> EventSelection {
        var selection = EventSelection()
        change(&selection)
        return selection
    }

    static let reading: [Check] = [
        Check("a log without events has one empty page") { bench in
            let page = try await bench.open().log.events(EventSelection())
            try require(page.events.isEmpty && page.isLast, "it is empty and the last")
            try requireEqual(page.through.rawValue, 0)
        },
        Check("a page that is the last goes to the latest event, or to where the selection ends") { bench in
            let session = try await bench.open()
            try await session.append(bench.events(6))
            var page = try await session.log.events(select { $0.after = Offset(rawValue: 2) })
            try requireEqual(page.events.map(\.offset.rawValue), [3, 4, 5, 6])
            try requireEqual(page.through.rawValue, 6)
            try require(page.isLast, "it is the last")
            page = try await session.log.events(select { $0.through = Offset(rawValue: 3) })
            try requireEqual(page.events.map(\.offset.rawValue), [1, 2, 3])
            try requireEqual(page.through.rawValue, 3)
            page = try await session.log.events(select { $0.names = ["nobody"] })
            try require(page.events.isEmpty, "nothing matches")
            try require(!page.isLast || page.through.rawValue == 6, "it says how far it looked")
        },
        Check("pages hold no more events than asked for, and together each event once") { bench in
            let session = try await bench.open()
            try await session.append((0..<10).map { bench.event($0 % 3 == 0 ? "b" : "a") })
            var selection = select {
                $0.limit = 2
                $0.names = ["a"]
            }
            try requireEqual(try await session.offsets(selection), [2, 3, 5, 6, 8, 9])
            while true {
                let page = try await session.log.events(selection)
                try require(page.events.count <= 2, "a page has two at most")
                if page.isLast { break }
                selection.after = page.through
            }
        },
        Check("pages hold about as many bytes as asked for, and one event at least") { bench in
            let session = try await bench.open()
            let payload = "\"" + String(repeating: "x", count: 998) + "\""
            try await session.append((0..<5).map { _ in bench.event(payload: payload) })
            var selection = select { $0.byteLimit = 2500 }
            try require(
                (1...3).contains(try await session.log.events(selection).events.count), "a page of 2,500 bytes")
            try requireEqual(try await session.offsets(selection).count, 5)
            selection.byteLimit = 1
            try requireEqual(try await session.log.events(selection).events.count, 1)
        },
        Check("interests select by name, after an offset and up to one") { bench in
            let session = try await bench.open()
            try await session.append((1...9).map { bench.event(["a", "b", "c"][$0 % 3]) })
            let selection = select {
                $0.interests = [
                    .init(eventName: "a", after: Offset(rawValue: 3)),
                    .init(eventName: "b", after: Offset(rawValue: 1), through: Offset(rawValue: 4)),
                ]
            }
            try requireEqual(try await session.offsets(selection), [4, 6, 9])
            try requireEqual(try await session.offsets(select { $0.interests = [] }), [])
        },
        Check("events are found by name, key, correlation and time, all of which must match") { bench in
            let session = try await bench.open()
            let root = bench.event("a", key: "k", at: 10)
            let child = bench.event("b", key: "k", at: 20, correlation: root.id, causation: root.id)
            try await session.append([root, child, bench.event("b", key: "m", at: 30), bench.event("c", at: 30)])
            try requireEqual(try await session.offsets(select { $0.names = ["b", "c"] }), [2, 3, 4])
            try requireEqual(try await session.offsets(select { $0.orderingKey = "k" }), [1, 2])
            try requireEqual(try await session.offsets(select { $0.correlationID = root.id }), [1, 2], "its own included")
            try requireEqual(try await session.offsets(select { $0.correlationID = child.id }), [])
            try requireEqual(try await session.offsets(select { $0.since = LogBench.time(20) }), [2, 3, 4])
            try requireEqual(try await session.offsets(select { $0.before = LogBench.time(20) }), [1])
            let both = select {
                $0.orderingKey = "k"
                $0.since = LogBench.time(15)
                $0.correlationID = root.id
            }
            try requireEqual(try await session.offsets(both), [2])
        },
        Check("a read sees what was committed before it") { bench in
            let session = try await bench.open()
            for count in 1...20 {
                try await session.append(bench.events(1))
                try requireEqual(try await session.offsets(select { $0.after = Offset(rawValue: Int64(count - 1)) }).count, 1)
            }
        },
    ]

    private static func withRows(_ bench: LogBench) async throws -> LogSession {
        let session = try await bench.open([.named("s"), .named("t")])
        let keys = ["k", nil, "k", "m", nil, "k", "k"]
        try await session.append(keys.map { bench.event(key: $0) })
        let ends: [LogSettlement.End] = [
            .retry(at: 30), .waiting, .waiting, .retry(at: 10), .retry(at: 20), .noHandler, .waiting,
        ]
        try await session.settle("s", zip(zip(Int64(1)..., keys), ends).map { .at($0.0, key: $0.1, $1) })
        return session
    }

    static let deliveries: [Check] = [
        Check("deliveries are read in offset order, those of the subscription that somebody handles") { bench in
            let session = try await withRows(bench)
            try requireEqual(try await session.deliveries(.all).offsets, [1, 2, 3, 4, 5, 7])
            try requireEqual(try await session.deliveries(.all, of: "t").offsets, [])
        },
        Check("deliveries are read by key, and no key is a key") { bench in
            let session = try await withRows(bench)
            try requireEqual(try await session.deliveries(.key("k")).offsets, [1, 3, 7])
            try requireEqual(try await session.deliveries(.key(nil)).offsets, [2, 5])
            try requireEqual(try await session.deliveries(.key("nobody")).offsets, [])
        },
        Check("deliveries are read after and before offsets, and no more than asked for") { bench in
            let session = try await withRows(bench)
            try requireEqual(try await session.deliveries(.all, after: 2, before: 7).offsets, [3, 4, 5])
            try requireEqual(try await session.deliveries(.all, after: 2, limit: 2).offsets, [3, 4])
            try requireEqual(try await session.deliveries(.key("k"), after: 1, limit: 1).offsets, [3])
        },
        Check("one delivery is read by its offset") { bench in
            let session = try await withRows(bench)
            try requireEqual(try await session.deliveries(.offset(Offset(rawValue: 4))).offsets, [4])
            try requireEqual(try await session.deliveries(.offset(Offset(rawValue: 6))).offsets, [], "one that nobody handles")
            try requireEqual(try await session.deliveries(.offset(Offset(rawValue: 99))).offsets, [])
        },
        Check("retries that are due are read by time") { bench in
            let session = try await withRows(bench)
            try requireEqual(try await session.deliveries(.due(LogBench.time(9))).offsets, [])
            try requireEqual(try await session.deliveries(.due(LogBench.time(20))).offsets, [4, 5])
            try requireEqual(try await session.deliveries(.due(LogBench.time(99))).offsets, [4, 5, 1])
            try requireEqual(try await session.deliveries(.due(LogBench.time(99)), limit: 2).offsets, [4, 5])
        },
    ]
}
