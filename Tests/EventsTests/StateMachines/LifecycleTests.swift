//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import Testing

/// Every cell of the table in `Lifecycle`'s documentation.
@Suite("Lifecycle")
struct LifecycleTests {
    private static let start = MonotonicTime(nanoseconds: 0)
    private static let drainEnd = start.advanced(by: .seconds(30))

    /// A lifecycle in a phase, reached at time zero.
    private static func lifecycle(_ phase: Lifecycle.Phase) throws -> Lifecycle {
        var lifecycle = Lifecycle(drainLimit: .seconds(30), grace: .seconds(5))
        if phase == .idle { return lifecycle }
        _ = try lifecycle.run(now: start)
        switch phase {
        case .idle, .running: break
        case .draining: _ = lifecycle.shutdownRequested(now: start)
        case .cancelling: _ = lifecycle.runCancelled(now: start)
        case .closed:
            _ = lifecycle.shutdownRequested(now: start)
            _ = lifecycle.drained()
        }
        #expect(lifecycle.phase == phase)
        return lifecycle
    }

    private static let all: [Lifecycle.Phase] = [.idle, .running, .draining, .cancelling, .closed]

    @Test("run: an idle bus runs; any other says why it cannot", arguments: all)
    func run(phase: Lifecycle.Phase) throws {
        var lifecycle = try Self.lifecycle(phase)
        switch phase {
        case .idle:
            #expect(try lifecycle.run(now: Self.start) == .none)
            #expect(lifecycle.phase == .running)
            #expect(lifecycle.deadline == nil)
        case .running, .draining, .cancelling:
            let error = #expect(throws: EventBusError.self) { try lifecycle.run(now: Self.start) }
            #expect(error?.code == .alreadyRunning)
            #expect(lifecycle.phase == phase)
        case .closed:
            let error = #expect(throws: EventBusError.self) { try lifecycle.run(now: Self.start) }
            #expect(error?.code == .closed)
            #expect(lifecycle.phase == phase)
        }
    }

    @Test("a shutdown asked for before run() is remembered, and run() drains at once")
    func remembered() throws {
        var lifecycle = try Self.lifecycle(.idle)
        #expect(lifecycle.shutdownRequested(now: Self.start) == .none)
        #expect(lifecycle.phase == .idle)
        #expect(try lifecycle.run(now: Self.start) == .beginDraining(deadline: Self.drainEnd))
        #expect(lifecycle.phase == .draining)
    }

    @Test("shutdown asked: only a running bus begins to drain", arguments: all)
    func shutdown(phase: Lifecycle.Phase) throws {
        var lifecycle = try Self.lifecycle(phase)
        let deadline = lifecycle.deadline
        let action = lifecycle.shutdownRequested(now: Self.start.advanced(by: .seconds(1)))
        if phase == .running {
            #expect(action == .beginDraining(deadline: Self.start.advanced(by: .seconds(31))))
            #expect(lifecycle.deadline == Self.start.advanced(by: .seconds(31)))
            #expect(lifecycle.phase == .draining)
        } else {
            #expect(action == .none)
            #expect(lifecycle.phase == phase)
            #expect(lifecycle.deadline == deadline, "asking again does not move the deadline")
        }
    }

    @Test("cancelled: a running or draining bus cancels what runs", arguments: all)
    func cancelled(phase: Lifecycle.Phase) throws {
        var lifecycle = try Self.lifecycle(phase)
        let action = lifecycle.runCancelled(now: Self.start.advanced(by: .seconds(1)))
        if phase == .running || phase == .draining {
            #expect(action == .cancelRunning(graceEnds: Self.start.advanced(by: .seconds(6))))
            #expect(lifecycle.phase == .cancelling)
        } else {
            #expect(action == .none)
            #expect(lifecycle.phase == phase)
        }
    }

    @Test("drained: a bus that shuts down closes, any other goes on", arguments: all)
    func drained(phase: Lifecycle.Phase) throws {
        var lifecycle = try Self.lifecycle(phase)
        let action = lifecycle.drained()
        if phase == .draining || phase == .cancelling {
            #expect(action == .close)
            #expect(lifecycle.phase == .closed)
            #expect(lifecycle.deadline == nil)
        } else {
            #expect(action == .none)
            #expect(lifecycle.phase == phase)
        }
    }

    @Test("time that passes without a deadline changes nothing", arguments: [Lifecycle.Phase.idle, .running, .closed])
    func noDeadline(phase: Lifecycle.Phase) throws {
        var lifecycle = try Self.lifecycle(phase)
        #expect(lifecycle.timePassed(now: .distantFuture) == .none)
        #expect(lifecycle.phase == phase)
    }

    @Test("the deadline of draining comes at its nanosecond, and the grace begins then")
    func drainDeadline() throws {
        var lifecycle = try Self.lifecycle(.draining)
        #expect(lifecycle.timePassed(now: MonotonicTime(nanoseconds: Self.drainEnd.nanoseconds - 1)) == .none)
        let graceEnds = Self.drainEnd.advanced(by: .seconds(5))
        #expect(lifecycle.timePassed(now: Self.drainEnd) == .cancelRunning(graceEnds: graceEnds))
        #expect(lifecycle.deadline == graceEnds)
    }

    @Test("when the grace is over, what still runs is abandoned and the bus closes")
    func graceOver() throws {
        var lifecycle = try Self.lifecycle(.cancelling)
        #expect(lifecycle.timePassed(now: Self.start.advanced(by: .milliseconds(4_999))) == .none)
        #expect(lifecycle.timePassed(now: Self.start.advanced(by: .seconds(5))) == .abandonAndClose)
        #expect(lifecycle.phase == .closed)
        #expect(lifecycle.timePassed(now: .distantFuture) == .none)
    }

    @Test("limits without end never come")
    func endless() throws {
        let longest = Duration(secondsComponent: .max, attosecondsComponent: 0)
        var lifecycle = Lifecycle(drainLimit: longest, grace: longest)
        _ = try lifecycle.run(now: Self.start)
        #expect(lifecycle.shutdownRequested(now: Self.start) == .beginDraining(deadline: .distantFuture))
        #expect(lifecycle.timePassed(now: MonotonicTime(nanoseconds: .max - 1)) == .none)
    }
}
