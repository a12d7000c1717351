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

@Suite("ShutdownSignal")
struct ShutdownSignalTests {
    @Test("a request that came before anyone waited is remembered")
    func remembered() async {
        let signal = ShutdownSignal()
        #expect(!signal.isRequested)
        signal.request(.graceful)
        #expect(signal.isRequested)
        #expect(await signal.next(beyond: .none) == .graceful)
    }

    @Test("of several requests the strongest counts", arguments: [[1, 2], [2, 1], [2, 2, 1]])
    func strongest(requests: [Int]) async {
        let signal = ShutdownSignal()
        for value in requests { ShutdownSignal.Request(rawValue: value).map(signal.request) }
        #expect(await signal.next(beyond: .none) == .immediate)
    }

    @Test("a request wakes the one who waits for it")
    func wakes() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let signal = ShutdownSignal()
            async let next = signal.next(beyond: .none)
            await schedule.idle()
            signal.request(.graceful)
            #expect(await next == .graceful)
        }
    }

    @Test("who knows of a graceful request is woken by an immediate one only")
    func beyond() async throws {
        try await exploreSchedules(seeds: fewSeeds) { schedule in
            let signal = ShutdownSignal()
            signal.request(.graceful)
            let heard = Journal<ShutdownSignal.Request?>()
            async let done: Void = heard.append(await signal.next(beyond: .graceful))
            signal.request(.graceful)
            await schedule.idle()
            #expect(heard.count == 0)
            signal.request(.immediate)
            await done
            #expect(heard.entries == [.immediate])
        }
    }

    @Test("closing ends a wait and all later ones, whatever was requested")
    func close() async throws {
        try await exploreSchedules(seeds: fewSeeds) { _ in
            let signal = ShutdownSignal()
            async let next = signal.next(beyond: .none)
            signal.close()
            #expect(await next == nil)
            signal.request(.immediate)
            #expect(await signal.next(beyond: .none) == nil)
            #expect(signal.isRequested)
            signal.close()
        }
    }
}
