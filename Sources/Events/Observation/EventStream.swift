//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// The live events of one type, as they are published: ``EventBus/events(of:buffering:)``.
///
/// A stream sees what was published after it was made and loses nothing but what its buffer cannot hold; it does not slow the bus.
/// It ends when the bus is closed or its reader's task is cancelled.
public struct EventStream<Element: Sendable>: AsyncSequence, Sendable {
    public typealias Failure = Never

    let stream: AsyncStream<Element>

    public struct AsyncIterator: AsyncIteratorProtocol {
        public typealias Failure = Never
        var iterator: AsyncStream<Element>.Iterator

        public mutating func next() async -> Element? {
            await iterator.next()
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            await iterator.next(isolation: actor)
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: stream.makeAsyncIterator())
    }
}

/// What a stream does with events its reader has not taken yet.
public enum StreamBuffering: Sendable, Hashable {
    /// Keeps at most so many, at least 1, and drops the oldest for a new one.
    case newest(Int)
    /// Keeps at most so many, at least 1, and drops the new ones while it is full.
    case oldest(Int)
    /// Keeps all. A reader that stops reading then costs memory without bound.
    case unbounded

    func policy<T>(of: T.Type = T.self) -> AsyncStream<T>.Continuation.BufferingPolicy {
        switch self {
        case .newest(let count): .bufferingNewest(Swift.max(1, count))
        case .oldest(let count): .bufferingOldest(Swift.max(1, count))
        case .unbounded: .unbounded
        }
    }
}

/// The streams that listen to something. Making one needs no wait, so that a stream exists when the call that makes it returns.
final class StreamHub<Key: Hashable & Sendable, Item: Sendable>: Sendable {
    private struct State {
        /// In the order in which they came, which is the order in which they are told.
        var listeners: [Key: [(number: Int, receive: @Sendable (Item) -> Bool)]] = [:]
        var finishers: [(number: Int, finish: @Sendable () -> Void)] = []
        var next = 0
        var isFinished = false
    }

    private let state = Guarded(State())
    /// So that publishing costs one load when nobody listens.
    private let listenerCount = Atomic<Int>(0)
    private let drops = Atomic<Int>(0)

    var isActive: Bool { listenerCount.load(ordering: .acquiring) > 0 }
    var dropped: Int { drops.load(ordering: .relaxed) }

    func makeStream<Element: Sendable>(
        _ key: Key, buffering: StreamBuffering, element: @escaping @Sendable (Item) -> Element?
    ) -> EventStream<Element> {
        let (stream, continuation) = AsyncStream<Element>.makeStream(bufferingPolicy: buffering.policy())
        let number = add(
            key,
            receive: { item in
                guard let value = element(item) else { return true }
                if case .dropped = continuation.yield(value) { return false }
                return true
            },
            finish: { continuation.finish() })
        if let number { continuation.onTermination = { [weak self] _ in self?.remove(number, key: key) } }
        return EventStream(stream: stream)
    }

    /// Adds a listener for the items of a key; `receive` says whether it took the item. Returns its number, or `nil` after it was
    /// told at once that there is nothing to come.
    func add(
        _ key: Key, receive: @escaping @Sendable (Item) -> Bool, finish: @escaping @Sendable () -> Void
    ) -> Int? {
        let number = state.withLock { state -> Int? in
            guard !state.isFinished else { return nil }
            state.next += 1
            state.listeners[key, default: []].append((state.next, receive))
            state.finishers.append((state.next, finish))
            return state.next
        }
        if number != nil { listenerCount.wrappingAdd(1, ordering: .releasing) } else { finish() }
        return number
    }

    /// Hands an item to every listener of a key, in order.
    func send(_ item: Item, to key: Key) {
        let listeners = state.withLock { $0.listeners[key] ?? [] }
        for listener in listeners where !listener.receive(item) { drops.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Ends all streams, and those that are still to come.
    func finish() {
        let finishers = state.withLock { state in
            state.isFinished = true
            return state.finishers
        }
        for finisher in finishers { finisher.finish() }
    }

    func remove(_ number: Int, key: Key) {
        let removed = state.withLock { state -> Bool in
            guard let position = state.finishers.firstIndex(where: { $0.number == number }) else { return false }
            state.finishers.remove(at: position)
            state.listeners[key]?.removeAll { $0.number == number }
            if state.listeners[key]?.isEmpty == true { state.listeners.removeValue(forKey: key) }
            return true
        }
        if removed { listenerCount.wrappingSubtract(1, ordering: .releasing) }
    }
}
