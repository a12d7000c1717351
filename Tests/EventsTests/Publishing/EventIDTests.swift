//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsTesting
import Foundation
import Testing

@Suite("event identifiers", .timeLimit(.minutes(10)))
struct EventIDTests {
    @Test("they are UUIDs of version 7 and of the RFC's variant")
    func versionAndVariant() async throws {
        let bus = try EventBus()
        for receipt in try await bus.publish(contentsOf: (0..<500).map { Numbered($0) }) {
            let bytes = receipt.id.uuid.uuid
            #expect(bytes.6 >> 4 == 7)
            #expect(bytes.8 >> 6 == 0b10)
        }
    }

    @Test("those of one bus rise strictly, also when there are more in a millisecond than the sequence can number")
    func rising() async throws {
        let bus = try EventBus()
        var last: EventID?
        for _ in 0..<3 {
            for receipt in try await bus.publish(contentsOf: (0..<5_000).map { Numbered($0) }) {
                if let last { #expect(last < receipt.id) }
                last = receipt.id
            }
        }
    }

    @Test("publishers at the same time never get one identifier twice")
    func unique() async throws {
        let bus = try EventBus()
        let ids = try await withThrowingTaskGroup(of: [EventID].self) { group in
            for _ in 0..<8 {
                group.addTask { try await bus.publish(contentsOf: (0..<1_000).map { Numbered($0) }).map(\.id) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 8_000)
    }

    @Test("their text sorts as they do")
    func sortable() async throws {
        let bus = try EventBus()
        let ids = try await bus.publish(contentsOf: (0..<5_000).map { Numbered($0) }).map(\.id)
        #expect(ids.map(\.description).sorted() == ids.map(\.description))
        #expect(ids.shuffled().sorted() == ids)
    }

    @Test("they carry the time at which the event was made")
    func time() async throws {
        try await withSeededSchedule(seed: 0) { schedule in
            let bus = try makeBus(on: schedule)
            try await schedule.clock.sleep(for: .milliseconds(1_234))
            let bytes = try await bus.publish(Numbered(1)).id.uuid.uuid
            let milliseconds = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            #expect(milliseconds == UInt64(ManualClock.defaultStart.timeIntervalSince1970) * 1_000 + 1_234)
        }
    }

    @Test("text, UUID and JSON forms come back as the same identifier")
    func roundTrip() async throws {
        let id = try await EventBus().publish(Numbered(1)).id
        #expect(EventID(id.description) == id)
        #expect(EventID(id.description.uppercased()) == id)
        #expect(EventID(id.uuid) == id)
        #expect(UUID(uuidString: id.description) == id.uuid)
        #expect(try JSONDecoder().decode([EventID].self, from: JSONEncoder().encode([id])) == [id])
        #expect(EventID("no identifier") == nil)
    }
}
