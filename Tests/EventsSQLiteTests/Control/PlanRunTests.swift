//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import EventsSQLite

@Suite("What a redrive plan does next")
struct PlanRunTests {
    private func progress(_ set: (inout PlanProgress) -> Void) -> PlanProgress {
        var progress = PlanProgress()
        set(&progress)
        return progress
    }

    private func run(canary: Int = 0, interval: Duration = .zero, abortAfter: Int? = nil) -> PlanRun {
        var pace = PlanPace()
        pace.canary = canary
        pace.interval = interval.microseconds
        pace.abortAfter = abortAfter
        return PlanRun(pace: pace)
    }

    @Test("without a rate it sends as many as a burst has")
    func unlimited() {
        let step = run().next(progress { $0.pending = 1_000 }, elapsed: nil)
        #expect(step == .send(PlanRun.longestBurst))
    }

    @Test("the first letter goes at once, the next when the rate allows")
    func rate() {
        let plan = run(interval: .milliseconds(100))
        let waiting = progress { $0.pending = 10 }
        #expect(plan.next(waiting, elapsed: nil) == .send(1))
        #expect(plan.next(waiting, elapsed: .milliseconds(30)) == .wait(.milliseconds(70)))
        #expect(plan.next(waiting, elapsed: .milliseconds(100)) == .send(1))
        #expect(plan.next(waiting, elapsed: .milliseconds(250)) == .send(2))
    }

    @Test("a pause is not made good for: half a second's worth goes at once at most")
    func burst() {
        let plan = run(interval: .milliseconds(100))
        #expect(plan.next(progress { $0.pending = 1_000 }, elapsed: .seconds(3_600)) == .send(5))
        #expect(run(interval: .seconds(60)).next(progress { $0.pending = 9 }, elapsed: .seconds(3_600)) == .send(1))
    }

    @Test("a clock that was set back makes it wait one interval and no longer")
    func clock() {
        let plan = run(interval: .seconds(1))
        #expect(plan.next(progress { $0.pending = 1 }, elapsed: .seconds(-3_600)) == .wait(.seconds(1)))
    }

    @Test("the canary goes first, and the rest only when all of it succeeded")
    func canary() {
        let plan = run(canary: 3)
        #expect(plan.next(progress { $0.pending = 10 }, elapsed: nil) == .send(3))
        let partly = progress {
            $0.pending = 8
            $0.sent = 2
        }
        #expect(plan.next(partly, elapsed: .zero) == .send(1))
        let out = progress {
            $0.pending = 7
            $0.sent = 1
            $0.completed = 2
        }
        #expect(plan.next(out, elapsed: .zero) == .wait(PlanRun.lookInterval))
        let passed = progress {
            $0.pending = 7
            $0.completed = 3
        }
        #expect(plan.next(passed, elapsed: .zero) == .send(PlanRun.longestBurst))
    }

    @Test("one failure of the canary ends the plan, also before all of it came to something")
    func canaryFails() {
        let failed = progress {
            $0.pending = 7
            $0.sent = 1
            $0.completed = 1
            $0.dead = 1
        }
        #expect(
            run(canary: 3).next(failed, elapsed: .zero) == .finish(.aborted, because: "1 of the first 3 failed again"))
    }

    @Test("a canary that waits behind a dead letter ends the plan: it would wait for ever")
    func canaryParked() {
        let parked = progress {
            $0.pending = 7
            $0.sent = 1
            $0.parked = 1
            $0.completed = 2
        }
        #expect(
            run(canary: 3).next(parked, elapsed: .zero)
                == .finish(.aborted, because: "1 of the first 3 wait behind a dead letter"))
    }

    @Test("what was discarded or gone is no failure")
    func discarded() {
        let plan = progress {
            $0.pending = 1
            $0.discarded = 2
            $0.gone = 5
        }
        #expect(run(canary: 2, abortAfter: 1).next(plan, elapsed: .zero) == .send(PlanRun.longestBurst))
    }

    @Test("it ends after as many failures as it may have", arguments: [(2, false), (3, true), (4, true)])
    func abort(failures: Int, ends: Bool) {
        let step = run(abortAfter: 3).next(
            progress {
                $0.pending = 10
                $0.dead = failures
            }, elapsed: .zero)
        #expect(step == (ends ? .finish(.aborted, because: "\(failures) letters failed again") : .send(PlanRun.longestBurst)))
    }

    @Test("it is done when nothing is left and everything came to something")
    func done() {
        let open = progress {
            $0.sent = 1
            $0.completed = 9
        }
        #expect(run().next(open, elapsed: .zero) == .wait(PlanRun.lookInterval))
        let ended = progress { $0.completed = 10 }
        #expect(run().next(ended, elapsed: .zero) == .finish(.done, because: "every letter came to something"))
    }

    @Test("what waits behind a dead letter does not keep it open")
    func parked() {
        let parked = progress {
            $0.sent = 2
            $0.parked = 2
        }
        #expect(run().next(parked, elapsed: .zero) == .finish(.done, because: "2 letters wait behind a dead letter"))
    }
}
