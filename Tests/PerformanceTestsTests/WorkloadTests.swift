//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import PerformanceTests

@Suite("The workload")
struct WorkloadTests {
    @Test("producers share all events, each event in one share", arguments: [1, 3, 4, 7])
    func shares(producers: Int) async throws {
        let queue = ActorQueue<Int>()
        try await Load(events: 10, producers: producers).withProducers { share in await queue.push(contentsOf: Array(share)) }
        await queue.finish()
        var numbers: [Int] = []
        while let number = await queue.next() { numbers.append(number) }
        #expect(numbers.sorted() == Array(0..<10))
    }

    @Test("batches hold all of a share in order, the last one the rest")
    func batches() {
        #expect(Array(Load(events: 0, batchSize: 4).batches(of: 3..<13)) == [3..<7, 7..<11, 11..<13])
        #expect(Array(Load(events: 0, batchSize: 4).batches(of: 3..<3)).isEmpty)
    }

    @Test("the actor queue hands out first what came first")
    func firstInFirstOut() async {
        let queue = ActorQueue<Int>()
        await queue.push(1)
        await queue.push(2)
        #expect(await queue.next() == 1)
        await queue.push(contentsOf: [3, 4])
        await queue.finish()
        #expect([await queue.next(), await queue.next(), await queue.next(), await queue.next()] == [2, 3, 4, nil])
    }

    @Test("a run that lost an event, or handled one twice, has no duration", arguments: [2, 4])
    func miscount(handled: Int) throws {
        let tally = Tally(expected: 3)
        for _ in 0..<handled { tally.count() }
        #expect(throws: MiscountError.self) { try tally.duration(since: .now) }
    }
}
