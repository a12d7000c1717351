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

@Suite("Reading deliveries")
struct DeliveryReadingTests {
    private let subscription = SubscriptionKey(rawValue: 1)

    private func date(_ microseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(microseconds) / 1e6) }

    @Test("a delivery comes with its event, its counts and the time of its retry")
    func fields() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a b")
            try log.deliver(1, 2, key: "k", "retry", due: 5_000_000, decided: 1_000_000)
            let read = try await log.reader.deliveries(DeliverySelection(.all, of: subscription, limit: 10))
            let delivery = try #require(read.first)
            #expect(read.count == 1)
            #expect(delivery.event.offset == .at(2))
            #expect(delivery.event.event.name == "b")
            #expect(delivery.event.isIntact)
            #expect(delivery.counts == LogCounts(attempts: 4, failedAttempts: 3, crashes: 2, redrives: 1, isDepthReset: true))
            #expect(delivery.retry == ScheduledTime(due: date(5_000_000), decided: date(1_000_000)))
        }
    }

    @Test("groups, bounds and limits select, and nobody's deliveries are left out")
    func groups() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a a a a a a")
            try log.deliver(1, 1, key: "k")
            try log.deliver(1, 2)
            try log.deliver(1, 3, key: "k", "retry", due: 9, decided: 1)
            try log.deliver(1, 4, key: "k", "no handler")
            try log.deliver(2, 5, key: "k")
            try log.deliver(1, 6, key: "k")
            try log.deliver(1, 7)
            func read(_ selection: DeliverySelection) async throws -> [Int64] {
                try await log.reader.deliveries(selection).map(\.event.offset.rawValue)
            }
            #expect(try await read(DeliverySelection(.all, of: subscription, limit: 10)) == [1, 2, 3, 6, 7])
            #expect(try await read(DeliverySelection(.key("k"), of: subscription, limit: 10)) == [1, 3, 6])
            #expect(try await read(DeliverySelection(.key(nil), of: subscription, limit: 10)) == [2, 7])
            #expect(
                try await read(DeliverySelection(.key("k"), of: subscription, after: .at(1), before: .at(6), limit: 10)) == [3])
            #expect(try await read(DeliverySelection(.all, of: subscription, after: .at(1), limit: 2)) == [2, 3])
            #expect(try await read(DeliverySelection(.offset(.at(3)), of: subscription, limit: 1)) == [3])
            #expect(try await read(DeliverySelection(.offset(.at(4)), of: subscription, limit: 1)) == [])
            #expect(try await read(DeliverySelection(.offset(.at(5)), of: subscription, limit: 1)) == [])
            #expect(try await read(DeliverySelection(.all, of: subscription, limit: 0)) == [])
        }
    }

    @Test("retries that are due come by time, whenever that was decided")
    func due() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a a a a a")
            try log.deliver(1, 1, "retry", due: 300, decided: 50)
            try log.deliver(1, 2, "retry", due: 100, decided: 50)
            try log.deliver(1, 3, "retry", due: 301, decided: 50)
            try log.deliver(1, 4)
            try log.deliver(1, 5, "retry", due: 9_000, decided: 8_000)
            try log.deliver(1, 6, "retry", due: 5_000, decided: 400)
            func read(_ time: Int64, limit: Int) async throws -> [Int64] {
                try await log.reader.deliveries(DeliverySelection(.due(date(time)), of: subscription, limit: limit))
                    .map(\.event.offset.rawValue)
            }
            #expect(try await read(300, limit: 10) == [2, 1])
            #expect(try await read(300, limit: 3) == [2, 1])
            #expect(try await read(300, limit: 1) == [2])
            #expect(try await read(99, limit: 10) == [])
            #expect(try await read(400, limit: 10) == [2, 1, 3])
            #expect(try await read(10_000, limit: 10) == [2, 1, 3, 6, 5])
        }
    }

    @Test("a delivery whose event is damaged or gone comes with one that is not intact")
    func damaged() async throws {
        try await ReadableLog.with { log in
            try log.append(names: "a a")
            try log.writer.execute("UPDATE bus_events SET payload = '' WHERE offset = 1; DELETE FROM bus_events WHERE offset = 2")
            try log.deliver(1, 1)
            try log.deliver(1, 2, key: "k")
            let read = try await log.reader.deliveries(DeliverySelection(.all, of: subscription, limit: 10))
            #expect(read.map(\.event.offset.rawValue) == [1, 2])
            #expect(read.map(\.event.isIntact) == [false, false])
            #expect(read.last?.event.event.orderingKey == "k")
        }
    }
}
