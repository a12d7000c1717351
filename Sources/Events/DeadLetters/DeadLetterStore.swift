//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The dead letters of an in-memory bus, in the order in which they arrived. A pure structure; the bus acts on what it returns.
struct DeadLetterStore {
    /// A dead letter as stored: its delivery and how it came to be here.
    struct Entry: Sendable {
        var delivery: Delivery
        let subscription: SubscriptionID
        let letter: DeadLetter
    }

    /// The entries by arrival. Numbers rise and are never used again, so that paging stays in place while letters come and go.
    private var entries: [Int: Entry] = [:]
    private var arrivalByID: [DeadLetter.ID: Int] = [:]
    /// Arrival numbers per name of a subscription, ascending: letters outlive their subscription, and the bound holds for the name.
    private var arrivals: [String: ArrivalList] = [:]
    private var nextArrival = 1

    var count: Int { entries.count }

    func count(of subscription: String) -> Int {
        arrivals[subscription]?.count ?? 0
    }

    mutating func insert(_ entry: Entry) {
        entries[nextArrival] = entry
        arrivalByID[entry.letter.id] = nextArrival
        arrivals[entry.letter.subscription, default: ArrivalList()].append(nextArrival)
        nextArrival += 1
    }

    subscript(id: DeadLetter.ID) -> Entry? {
        arrivalByID[id].flatMap { entries[$0] }
    }

    mutating func remove(_ id: DeadLetter.ID) -> Entry? {
        guard let arrival = arrivalByID.removeValue(forKey: id), let entry = entries.removeValue(forKey: arrival) else {
            return nil
        }
        arrivals[entry.letter.subscription]?.remove(arrival)
        if count(of: entry.letter.subscription) == 0 { arrivals[entry.letter.subscription] = nil }
        return entry
    }

    /// The subscription's letter that arrived first.
    func oldest(of subscription: String) -> DeadLetter.ID? {
        arrivals[subscription]?.first.flatMap { entries[$0]?.letter.id }
    }

    /// The letters that a filter matches and that arrived after a cursor, at most `limit`, oldest first.
    func page(_ filter: DeadLetterFilter, after cursor: Int, limit: Int) -> (letters: [DeadLetter], last: Int?) {
        var found: [DeadLetter] = []
        var last: Int?
        for arrival in entries.keys.filter({ $0 > cursor }).sorted() {
            guard let letter = entries[arrival]?.letter, filter.matches(letter) else { continue }
            if found.count == limit { return (found, last) }
            found.append(letter)
            last = arrival
        }
        return (found, nil)
    }

    /// The identities of all letters that a filter matches, oldest first.
    func matching(_ filter: DeadLetterFilter) -> [DeadLetter.ID] {
        entries.keys.sorted().compactMap { arrival in
            entries[arrival].flatMap { filter.matches($0.letter) ? $0.letter.id : nil }
        }
    }

    /// How many letters there are by subscription and error type.
    func counts() -> [DeadLetterCount] {
        var counts: [DeadLetterCount.Group: Int] = [:]
        for entry in entries.values {
            let group = DeadLetterCount.Group(subscription: entry.letter.subscription, errorType: entry.letter.errorType)
            counts[group, default: 0] += 1
        }
        return DeadLetterCount.sorted(counts.map { DeadLetterCount(group: $0.key, count: $0.value) })
    }
}

/// Rising numbers from which any may be taken out.
private struct ArrivalList {
    private var numbers: [Int] = []

    var count: Int { numbers.count }
    var first: Int? { numbers.first }

    mutating func append(_ number: Int) {
        numbers.append(number)
    }

    mutating func remove(_ number: Int) {
        var range = 0..<numbers.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if numbers[middle] == number {
                numbers.remove(at: middle)
                return
            }
            range = numbers[middle] < number ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
    }
}
