//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// The unstructured tasks that a schedule's environment started and that have not ended, so that they can be cancelled with it.
final class SpawnedTasks: Sendable {
    private struct State {
        var lastID = 0
        var tasks: [Int: Task<Void, Never>] = [:]
    }

    private let state = Guarded(State())

    func spawn(
        on executor: SeededExecutor,
        _ operation: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        // The task is made under the lock: it may end on another thread at once, and must then find itself here.
        state.withLock { state in
            state.lastID += 1
            let id = state.lastID
            let task = Task(executorPreference: executor) {
                await operation()
                self.remove(id)
            }
            state.tasks[id] = task
            return task
        }
    }

    private func remove(_ id: Int) {
        state.withLock { _ = $0.tasks.removeValue(forKey: id) }
    }

    var count: Int {
        state.withLock { $0.tasks.count }
    }

    /// Cancels them all, in the order in which they were started.
    func cancelAll() {
        for (_, task) in state.withLock({ $0.tasks }).sorted(by: { $0.key < $1.key }) {
            task.cancel()
        }
    }
}
