//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// What a probe has recorded, shared between the bus that adds to it and the tasks that wait for more.
final class ProbeRecord: Sendable {
    struct Entry {
        let envelope: AnyEnvelope
        /// Whether the event has answered an expectation.
        var isTaken = false
    }

    private struct State {
        var entries: [Entry] = []
        /// How many entries were forgotten; positions count them, so that a search that is under way stays in place.
        var cleared = 0
        var isClosed = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Waits whose task was cancelled before they began.
        var cancelled: Set<Int> = []
        var lastWaiter = 0

        var end: Int { cleared + entries.count }

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters.removeAll() }
            // In the order in which they came: the schedule of a seed must not depend on the order of a dictionary.
            return waiters.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private let state = Guarded(State())

    var entries: [Entry] {
        state.withLock { $0.entries }
    }

    // MARK: - The bus's side

    func append(_ envelope: AnyEnvelope) {
        let waiters = state.withLock { state in
            state.entries.append(Entry(envelope: envelope))
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Nothing more will come.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: - The test's side

    func clear() {
        state.withLock { state in
            state.cleared = state.end
            state.entries.removeAll()
        }
    }

    /// The first entry at or after a position, forgotten ones left out, and its position.
    func entry(from position: Int) -> (entry: Entry, position: Int)? {
        state.withLock { state in
            let position = max(position, state.cleared)
            return position < state.end ? (state.entries[position - state.cleared], position) : nil
        }
    }

    /// Lets the entry at a position answer an expectation. Returns `false` if it has answered one, or was forgotten.
    func take(_ position: Int) -> Bool {
        state.withLock { state in
            let index = position - state.cleared
            guard index >= 0, !state.entries[index].isTaken else { return false }
            state.entries[index].isTaken = true
            return true
        }
    }

    /// Waits until something lies at or after a position. Returns `false` when nothing will: the bus has closed, or the task was
    /// cancelled.
    func waitForMore(than position: Int) async -> Bool {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.cancelled.remove(id) != nil || state.end > position || state.isClosed { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                if let waiter = state.waiters.removeValue(forKey: id) { return waiter }
                state.cancelled.insert(id)
                return nil
            }
            waiter?.resume()
        }
        return state.withLock { state in
            state.cancelled.remove(id)
            return state.end > position
        }
    }

    /// What was published, for the message of an error: names and numbers, and never an event's content.
    func summary<E: Event>(_ search: ProbeSearch<E>) -> String {
        let entries = entries
        guard !entries.isEmpty else { return "; nothing was published." }
        var counts: [String: Int] = [:]
        for entry in entries { counts[entry.envelope.metadata.name, default: 0] += 1 }
        var parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) × \($0.key)" }
        if parts.count > 10 { parts = parts.prefix(10) + ["\(parts.count - 10) more"] }
        var notes: [String] = []
        if search.refused > 0 { notes.append("`where` refused \(search.refused) of them") }
        if search.answered > 0 { notes.append("\(search.answered) had answered other expectations") }
        let note = notes.isEmpty ? "" : " (of \(E.name), " + notes.joined(separator: ", ") + ")"
        return "; published were " + parts.joined(separator: ", ") + note + "."
    }
}
