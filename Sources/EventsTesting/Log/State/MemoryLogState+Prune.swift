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

extension MemoryLogState {
    /// Removes finished history, the oldest first: at most `limit` events. An event may go when both bounds let it.
    mutating func prune(before: Date?, keeping: Int?, limit: Int) -> (removed: Int, isDone: Bool) {
        let candidates = events.count - min(events.count, max(0, keeping ?? 0))
        var removed: Set<Int64> = []
        var isDone = true
        for position in 0..<candidates {
            if let before, events.values[position].publishedAt >= before { continue }
            guard !isNeeded(at: position) else { continue }
            guard removed.count < limit else {
                isDone = false
                break
            }
            removed.insert(events.keys[position])
        }
        forget(removed)
        return (removed.count, isDone)
    }

    /// Whether a subscription, registered or not, has not finished the event, or has a dead letter of it.
    private func isNeeded(at position: Int) -> Bool {
        let offset = events.keys[position]
        return subscriptions.values.contains { subscription in
            subscription.rows[offset] != nil || subscription.letters[offset] != nil || owes(subscription, at: position)
        }
    }

    private mutating func forget(_ offsets: Set<Int64>) {
        for offset in offsets {
            if let key = events[offset]?.idempotencyKey { offsetByKey[ExactText(key)] = nil }
        }
        events.removeAll(in: offsets)
        damaged.subtract(offsets)
        discards.removeAll { offsets.contains($0.discard.id.offset.rawValue) }
        for key in subscriptions.keys {
            for offset in offsets { subscriptions[key]?.attempts[offset] = nil }
        }
    }
}
