//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The queue one would write in an afternoon: unbounded, an element at a time, first in first out.
actor ActorQueue<Element: Sendable> {
    private var incoming: [Element] = []
    /// The oldest elements, the next one last.
    private var outgoing: [Element] = []
    private var waiting: [CheckedContinuation<Element?, Never>] = []
    private var isFinished = false

    func push(_ element: Element) {
        if let consumer = waiting.popLast() {
            consumer.resume(returning: element)
        } else {
            incoming.append(element)
        }
    }

    func push(contentsOf elements: [Element]) {
        for element in elements { push(element) }
    }

    /// Ends the queue: consumers get what is left, then `nil`.
    func finish() {
        isFinished = true
        for consumer in waiting { consumer.resume(returning: nil) }
        waiting = []
    }

    /// The next element, waiting for one if need be; `nil` when the queue has ended.
    func next() async -> Element? {
        if outgoing.isEmpty {
            outgoing = incoming.reversed()
            incoming.removeAll(keepingCapacity: true)
        }
        if let element = outgoing.popLast() { return element }
        if isFinished { return nil }
        return await withCheckedContinuation { waiting.append($0) }
    }
}
