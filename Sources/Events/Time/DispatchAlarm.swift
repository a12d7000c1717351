//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Dispatch
/// An alarm on one Dispatch timer, which is moved and never multiplied: cancelled `Task.sleep`s keep their memory until their time
/// comes (measured: 446 MB for 200,000 of them). Times are those of `DispatchTime`.
final class DispatchAlarm: Alarm {
    private struct State {
        var hasRung = false
        var isStopped = false
        var waiting: CheckedContinuation<Bool, Never>?
    }

    private let timer: Guarded<any DispatchSourceTimer>
    private let state = Guarded(State())

    init() {
        timer = Guarded(DispatchSource.makeTimerSource(queue: .global()))
        timer.withLock { timer in
            timer.setEventHandler { [weak self] in self?.fire() }
            timer.schedule(deadline: .distantFuture)
            timer.activate()
        }
    }

    deinit {
        timer.withLock { $0.cancel() }
    }

    func set(_ time: MonotonicTime?) {
        guard let time else {
            timer.withLock { $0.schedule(deadline: .distantFuture) }
            return
        }
        let deadline = DispatchTime(uptimeNanoseconds: UInt64(max(1, time.nanoseconds)))
        timer.withLock { $0.schedule(deadline: deadline) }
    }

    func ring() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if state.isStopped { return false }
                if state.hasRung {
                    state.hasRung = false
                    return true
                }
                state.waiting = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    func stop() {
        timer.withLock { $0.cancel() }
        let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            state.isStopped = true
            return state.waiting.take()
        }
        continuation?.resume(returning: false)
    }

    private func fire() {
        let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.isStopped else { return nil }
            if state.waiting == nil { state.hasRung = true }
            return state.waiting.take()
        }
        continuation?.resume(returning: true)
    }
}
