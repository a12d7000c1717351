//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Things that are due at a time, earliest first; things due at the same time come in the order in which they were added.
///
/// A binary heap: adding and removing take logarithmic time.
struct DeadlineHeap<Element> {
    private struct Item {
        let time: MonotonicTime
        let order: UInt64
        let element: Element

        func precedes(_ other: Item) -> Bool {
            time == other.time ? order < other.order : time < other.time
        }
    }

    private var items: [Item] = []
    private var nextOrder: UInt64 = 0

    var count: Int { items.count }

    /// All elements, in no particular order.
    var elements: [Element] { items.map(\.element) }

    /// When the earliest element is due.
    var earliest: MonotonicTime? { items.first?.time }

    mutating func insert(_ element: Element, at time: MonotonicTime) {
        insert(Item(time: time, order: nextOrder, element: element))
        nextOrder += 1
    }

    private mutating func insert(_ item: Item) {
        items.append(item)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].precedes(items[parent]) else { break }
            items.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes and returns the earliest element if it is due at `now`.
    mutating func popDue(at now: MonotonicTime) -> Element? {
        guard let first = items.first, first.time <= now else { return nil }
        items.swapAt(0, items.count - 1)
        items.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child].precedes(items[smallest]) {
                smallest = child
            }
            guard smallest != parent else { break }
            items.swapAt(parent, smallest)
            parent = smallest
        }
        return first.element
    }

    /// Removes and returns the elements that a condition holds for. Linear, for rare clearances.
    mutating func remove(where isRemoved: (Element) -> Bool) -> [Element] {
        let old = items
        items = []
        for item in old where !isRemoved(item.element) { insert(item) }
        return old.map(\.element).filter(isRemoved)
    }

    /// Removes and returns everything, in no particular order.
    mutating func removeAll() -> [Element] {
        defer { items.removeAll() }
        return items.map(\.element)
    }
}
