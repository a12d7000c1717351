//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Testing

@Suite("Waiter")
struct WaiterTests {
    @Test("an answer that came before the wait is there when it begins")
    func before() async throws {
        let waiter = Waiter<Int>()
        #expect(!waiter.isDecided)
        #expect(waiter.decide(.success(7)))
        #expect(waiter.isDecided)
        #expect(try await waiter.value() == 7)
    }

    @Test("an answer that comes during the wait ends it")
    func during() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let waiter = Waiter<Int>()
            async let value = waiter.value()
            await schedule.idle()
            #expect(waiter.decide(.success(7)))
            let answer = try await value
            #expect(answer == 7)
        }
    }

    @Test("the first answer counts and says so; the others change nothing")
    func first() async throws {
        let waiter = Waiter<Int>()
        #expect(waiter.decide(.success(1)))
        #expect(!waiter.decide(.success(2)))
        #expect(!waiter.decide(.failure(TestFault())))
        #expect(try await waiter.value() == 1)
        #expect(!waiter.decide(.success(3)))
    }

    @Test("a task cancelled before it waits does not wait, and no later answer counts")
    func cancelledBefore() async throws {
        try await exploreSchedules(seeds: fewSeeds) { _ in
            let waiter = Waiter<Int>()
            await withThrowingTaskGroup(of: Int.self) { group in
                group.cancelAll()
                group.addTask { try await waiter.value() }
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            #expect(!waiter.decide(.success(1)))
        }
    }

    @Test("a task cancelled while it waits ends its wait at once")
    func cancelledDuring() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let waiter = Waiter<Int>()
            await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await waiter.value() }
                await schedule.idle()
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            #expect(waiter.isDecided)
            #expect(!waiter.decide(.success(1)))
        }
    }

    @Test("a task cancelled after the answer keeps it")
    func cancelledAfter() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let waiter = Waiter<Int>()
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await waiter.value() }
                await schedule.idle()
                #expect(waiter.decide(.success(7)))
                group.cancelAll()
                let answer = try await group.next()
                #expect(answer == 7)
            }
        }
    }

    @Test("an answer and a cancellation at the same time: exactly one decides, and the wait gets that one")
    func race() async throws {
        let cancelled = Counter()
        try await exploreSchedules(seeds: 0..<200) { schedule in
            let waiter = Waiter<Int>()
            let task = Task(executorPreference: schedule.executor) { try await waiter.value() }
            async let cancel: Void = task.cancel()
            async let decided = waiter.decide(.success(7))
            let result = await task.result
            await cancel
            switch result {
            case .success(let value):
                #expect(value == 7)
                #expect(await decided)
            case .failure(let error):
                cancelled.increment()
                #expect(error is CancellationError)
                #expect(await !decided)
            }
        }
        #expect((1..<200).contains(cancelled.value), "both ends are among the schedules")
    }

    @Test("a second wait for the same answer ends instead of hanging")
    func twice() async throws {
        let waiter = Waiter<Int>()
        waiter.decide(.success(7))
        #expect(try await waiter.value() == 7)
        await #expect(throws: CancellationError.self) { try await waiter.value() }
    }
}
