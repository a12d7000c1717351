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
import Foundation
import Testing

@Suite("DeadLetterStore")
struct DeadLetterStoreTests {
    private static func entry(
        _ offset: Int64, of subscription: Int = 0, key: String? = nil, error: String = "TestFault", text: String = "text",
        deadSince: Date = ManualClock.defaultStart
    ) -> DeadLetterStore.Entry {
        let delivery = makeDelivery(offset, key: key)
        let letter = DeadLetter(
            id: DeadLetter.ID(subscription: "s\(subscription)", offset: delivery.offset),
            metadata: EventMetadata(delivery.record), reason: .exhausted, errorType: error, errorText: text, attempts: [],
            omittedAttempts: 0, deadSince: deadSince, redrives: 0, parksKey: false)
        return DeadLetterStore.Entry(
            delivery: delivery, subscription: SubscriptionID(rawValue: subscription), letter: letter)
    }

    private static func store(_ entries: [DeadLetterStore.Entry]) -> DeadLetterStore {
        var store = DeadLetterStore()
        for entry in entries { store.insert(entry) }
        return store
    }

    private static func offsets(_ letters: [DeadLetter]) -> [Int64] { letters.map(\.id.offset.rawValue) }

    @Test("letters are listed in the order in which they arrived, whatever their offsets")
    func arrivalOrder() {
        let store = Self.store([7, 3, 5].map { Self.entry($0) })
        #expect(Self.offsets(store.page(.all, after: 0, limit: 10).letters) == [7, 3, 5])
        #expect(store.matching(.all).map(\.offset.rawValue) == [7, 3, 5])
    }

    @Test("the last page says that it is the last, also when it is full")
    func lastPage() {
        let store = Self.store((1...4).map { Self.entry($0) })
        let first = store.page(.all, after: 0, limit: 2)
        #expect(Self.offsets(first.letters) == [1, 2])
        let second = store.page(.all, after: first.last ?? 0, limit: 2)
        #expect(Self.offsets(second.letters) == [3, 4])
        #expect(second.last == nil)
    }

    @Test("a page counts the letters that match, not those it looks at")
    func filteredPage() {
        let store = Self.store((1...10).map { Self.entry($0, of: Int($0 % 2)) })
        let first = store.page(DeadLetterFilter(subscription: "s0"), after: 0, limit: 3)
        #expect(Self.offsets(first.letters) == [2, 4, 6])
        let second = store.page(DeadLetterFilter(subscription: "s0"), after: first.last ?? 0, limit: 3)
        #expect(Self.offsets(second.letters) == [8, 10])
        #expect(second.last == nil)
    }

    @Test("paging misses and repeats nothing that stays, while letters go and come", arguments: 0..<50 as Range<UInt64>)
    func stablePaging(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var store = Self.store((1...60).map { Self.entry($0) })
        var gone: Set<Int64> = []
        var seen: [Int64] = []
        var cursor: Int? = 0
        var next: Int64 = 61
        while let position = cursor {
            let page = store.page(.all, after: position, limit: random.next(below: 7) + 1)
            seen += Self.offsets(page.letters)
            cursor = page.last
            for _ in 0..<random.next(below: 6) {
                let offset = Int64(random.next(below: 60) + 1)
                if store.remove(Self.entry(offset).letter.id) != nil { gone.insert(offset) }
            }
            if random.next(below: 4) == 0, next < 80 {
                store.insert(Self.entry(next))
                next += 1
            }
        }
        #expect(seen == seen.sorted())
        #expect(Set(seen).count == seen.count)
        #expect(Set(1...60).subtracting(gone).isSubset(of: seen))
    }

    @Test("a letter that comes back arrives anew, at the end")
    func comesBack() {
        var store = Self.store([1, 2].map { Self.entry($0) })
        let letter = store.remove(Self.entry(1).letter.id)
        #expect(letter?.letter.id.offset.rawValue == 1)
        #expect(store.remove(Self.entry(1).letter.id) == nil)
        store.insert(Self.entry(1))
        #expect(store.matching(.all).map(\.offset.rawValue) == [2, 1])
    }

    @Test("counts and the oldest letter are kept for each subscription by itself")
    func perSubscription() {
        var store = Self.store([Self.entry(1, of: 0), Self.entry(2, of: 1), Self.entry(3, of: 1)])
        let first = "s0"
        let second = "s1"
        #expect(store.count(of: first) == 1)
        #expect(store.count(of: second) == 2)
        #expect(store.oldest(of: second)?.offset.rawValue == 2)
        _ = store.remove(Self.entry(2, of: 1).letter.id)
        #expect(store.oldest(of: second)?.offset.rawValue == 3)
        #expect(store.count(of: "s9") == 0)
        #expect(store.oldest(of: "s9") == nil)
        #expect(store.count == 2)
    }

    @Test("letters are counted by subscription and error, the most frequent first")
    func counts() {
        let store = Self.store([
            Self.entry(1, of: 1, error: "B"), Self.entry(2, of: 0, error: "A"), Self.entry(3, of: 0, error: "B"),
            Self.entry(4, of: 0, error: "B"),
        ])
        let counts = store.counts().map { "\($0.subscription) \($0.errorType) \($0.count)" }
        #expect(counts == ["s0 B 2", "s0 A 1", "s1 B 1"])
    }

    @Test("each field of a filter selects by itself, and all of them together")
    func filters() {
        let later = ManualClock.defaultStart.addingTimeInterval(10)
        let letters = [
            Self.entry(1, key: "k", error: "A", text: "one two"), Self.entry(2, error: "B", text: "three", deadSince: later),
        ].map(\.letter)
        func matching(_ filter: DeadLetterFilter) -> [Int64] { Self.offsets(letters.filter(filter.matches)) }
        #expect(matching(.all) == [1, 2])
        #expect(matching(DeadLetterFilter(subscription: "s0")) == [1, 2])
        #expect(matching(DeadLetterFilter(subscription: "s1")).isEmpty)
        #expect(matching(DeadLetterFilter(eventName: "test.numbered")) == [1, 2])
        #expect(matching(DeadLetterFilter(eventName: "test")).isEmpty)
        #expect(matching(DeadLetterFilter(orderingKey: "k")) == [1])
        #expect(matching(DeadLetterFilter(errorType: "B")) == [2])
        #expect(matching(DeadLetterFilter(errorContains: "e t")) == [1])
        #expect(matching(DeadLetterFilter(errorContains: "One")).isEmpty)
        #expect(matching(DeadLetterFilter(correlationID: letters[1].metadata.correlationID)) == [2])
        #expect(matching(DeadLetterFilter(since: later)) == [2])
        #expect(matching(DeadLetterFilter(before: later)) == [1])
        #expect(matching(DeadLetterFilter(errorType: "A", since: later)).isEmpty)
    }
}
