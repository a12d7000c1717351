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

/// Carries out the redrive plans of a log, one after the other, for the bus that owns it.
///
/// All that it knows is in the log: it may end at any moment, and the next owner's goes on. A letter is sent, and noted as sent, in one
/// commit.
final class PlanRunner: Sendable {
    private struct State {
        var isStopped = false
        var wakes = 0
    }

    private let writer: LogWriter
    private let bus: BusControl
    private let pause: @Sendable (Duration) async throws -> Void
    private let state = Guarded(State())
    private let spot = ParkingSpot()

    /// How long to leave the log alone when it has no room, or another program holds it.
    private static let retryInterval = Duration.seconds(1)

    /// - Parameter pause: Waits; throws when the task is cancelled.
    init(
        writer: LogWriter, bus: BusControl,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.writer = writer
        self.bus = bus
        self.pause = pause
    }

    /// There may be something to do.
    func wake() { spot.wake() }

    /// Ends ``run()``, together with the cancellation of its task.
    func stop() {
        state.withLock { $0.isStopped = true }
        spot.wake()
    }

    /// Works until ``stop()``.
    func run() async {
        while !state.withLock({ $0.isStopped }), !Task.isCancelled {
            do {
                guard let next = try await look() else {
                    await spot.park()
                    continue
                }
                try await carryOut(next.step, of: next.plan)
            } catch let failure as LogFailure where [.full, .busy].contains(failure.reason) {
                do { try await pause(Self.retryInterval) } catch { return }
            } catch {
                // The bus shuts down, or its log has failed. What is left is the next owner's.
                return
            }
        }
    }

    /// Looks how far the plan is that is under way, and decides what is next. Nothing comes between the two.
    private func look() async throws -> (plan: Int64, step: PlanRun.Step)? {
        let time = bus.time
        return try await writer.transact { tables in
            guard let plan = try tables.planUnderWay() else { return nil }
            try tables.observePlan(plan.id, at: time)
            let elapsed = plan.lastSent.map { Duration.seconds(time.timeIntervalSince($0)) }
            let step = PlanRun(pace: plan.pace).next(try tables.progress(of: plan.id), elapsed: elapsed)
            if case .finish(let state, let reason) = step { try tables.endPlan(plan.id, state, because: reason, at: time) }
            return (plan.id, step)
        }
    }

    private func carryOut(_ step: PlanRun.Step, of plan: Int64) async throws {
        switch step {
        case .send(let limit):
            _ = try await bus.redrive(.planned(plan: plan, limit: limit), audit: LogAudit(actor: "plan \(plan)"))
        case .wait(let duration): try await pause(duration)
        case .finish: break
        }
    }
}
