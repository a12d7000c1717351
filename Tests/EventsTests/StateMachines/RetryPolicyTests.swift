//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Testing

@Suite("RetryPolicy")
struct RetryPolicyTests {
    private static func delays(_ policy: RetryPolicy, failures: ClosedRange<Int> = 1...6, random: UInt64 = 0) -> [Duration] {
        failures.map { policy.delay(afterFailures: $0, random: random) }
    }

    // MARK: Delays

    @Test("the delays are those of the table in the documentation")
    func documentedTable() {
        let policy = RetryPolicy.exponential(
            base: .milliseconds(100), factor: 2, cap: .seconds(30), maxAttempts: 5, jitter: .none)
        #expect(
            Self.delays(policy, failures: 1...4) == [
                .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
            ])
        #expect(policy.decide(failedAttempts: 5, error: TestFault(), random: 0) == .exhausted)
    }

    @Test("a constant policy has the same delay after every failure")
    func constant() {
        #expect(Set(Self.delays(.constant(.seconds(3)))) == [.seconds(3)])
    }

    @Test("the factor is what each delay is multiplied with")
    func factor() {
        let policy = RetryPolicy.exponential(base: .seconds(1), factor: 1.5, jitter: .none)
        #expect(Self.delays(policy, failures: 1...3) == [.seconds(1), .milliseconds(1_500), .milliseconds(2_250)])
    }

    @Test("no delay is longer than the cap, not even the first")
    func cap() {
        let growing = RetryPolicy.exponential(base: .seconds(1), cap: .seconds(5), jitter: .none)
        #expect(Self.delays(growing, failures: 3...5) == [.seconds(4), .seconds(5), .seconds(5)])
        let low = RetryPolicy.exponential(base: .seconds(9), cap: .seconds(5), jitter: .none)
        #expect(Self.delays(low, failures: 1...1) == [.seconds(5)])
    }

    @Test("full jitter lies between zero and the delay, equal jitter between half of it and all")
    func jitterBounds() {
        var random = SplitMix64(seed: 1)
        let full = RetryPolicy.exponential(base: .seconds(8), jitter: .full)
        let equal = RetryPolicy.exponential(base: .seconds(8), jitter: .equal)
        var seen: Set<Int64> = []
        for number in [0, 1, UInt64.max / 2, .max] + (0..<500).map({ _ in random.next() }) {
            let long = full.delay(afterFailures: 1, random: number)
            #expect(long >= .zero && long <= .seconds(8))
            seen.insert(long.components.seconds)
            let half = equal.delay(afterFailures: 1, random: number)
            #expect(half >= .seconds(4) && half <= .seconds(8))
        }
        #expect(seen.count == 8, "the whole range is used")
    }

    @Test("the ends of the random numbers are the ends of the jitter")
    func jitterEnds() {
        let full = RetryPolicy.constant(.seconds(8), jitter: .full)
        #expect(full.delay(afterFailures: 1, random: 0) == .zero)
        #expect(full.delay(afterFailures: 1, random: .max) > .milliseconds(7_999))
        let equal = RetryPolicy.constant(.seconds(8), jitter: .equal)
        #expect(equal.delay(afterFailures: 1, random: 0) == .seconds(4))
    }

    @Test("values out of range count as the nearest that makes sense")
    func clamps() {
        let policy = RetryPolicy.exponential(
            base: .seconds(-1), factor: 0.5, cap: .seconds(-1), maxAttempts: -3, jitter: .none)
        #expect(policy.maxAttempts == 1)
        #expect(policy.base == .zero)
        #expect(policy.factor == 1)
        #expect(policy.cap == .zero)
        #expect(RetryPolicy.exponential(base: .seconds(1), factor: .nan).factor == 1)
        #expect(RetryPolicy.exponential(base: .seconds(1), factor: .infinity).factor == 1)
    }

    @Test("extreme values give a delay between zero and the cap and never trap")
    func extremes() {
        let longest = Duration(secondsComponent: .max, attosecondsComponent: 0)
        for base in [Duration.zero, .nanoseconds(1), longest] {
            for factor in [1, 2, 1e300, .greatestFiniteMagnitude] {
                for cap in [Duration.zero, .seconds(30), longest] {
                    for jitter in [RetryPolicy.Jitter.none, .full, .equal] {
                        let policy = RetryPolicy.exponential(
                            base: base, factor: factor, cap: cap, maxAttempts: .max, jitter: jitter)
                        for failures in [Int.min, 0, 1, 2, 1_000] {
                            for random in [UInt64.min, .max] {
                                let delay = policy.delay(afterFailures: failures, random: random)
                                #expect(delay >= .zero && delay <= cap)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("after more failures than anyone will see the delay is still found at once")
    func manyFailures() {
        let policy = RetryPolicy.exponential(base: .seconds(1), factor: 1.000_000_001, cap: .seconds(7), jitter: .none)
        #expect(policy.delay(afterFailures: .max, random: 0) == .seconds(7))
    }

    // MARK: Decisions

    @Test("as many attempts are made as the policy says, the first included")
    func maxAttempts() {
        let policy = RetryPolicy.constant(.zero, maxAttempts: 3)
        #expect(policy.decide(failedAttempts: 1, error: TestFault(), random: 0) == .retry(after: .zero))
        #expect(policy.decide(failedAttempts: 2, error: TestFault(), random: 0) == .retry(after: .zero))
        #expect(policy.decide(failedAttempts: 3, error: TestFault(), random: 0) == .exhausted)
        #expect(policy.decide(failedAttempts: 4, error: TestFault(), random: 0) == .exhausted)
    }

    @Test("without retries the first failure uses up all attempts")
    func none() {
        #expect(RetryPolicy.none.decide(failedAttempts: 1, error: TestFault(), random: 0) == .exhausted)
    }

    @Test("the standard policy is the documented one: five attempts, 100 ms doubling to 30 s, full jitter")
    func standard() {
        let policy = RetryPolicy.standard
        #expect(policy.maxAttempts == 5)
        #expect(policy.base == .milliseconds(100))
        #expect(policy.factor == 2)
        #expect(policy.cap == .seconds(30))
        #expect(policy.jitter == .full)
    }

    @Test("an error that the predicate rejects is not tried again, however many attempts are left", arguments: [1, 2, 5])
    func predicate(maxAttempts: Int) {
        let policy = RetryPolicy.constant(.zero, maxAttempts: maxAttempts) { ($0 as? TestFault)?.text != "final" }
        #expect(policy.decide(failedAttempts: 1, error: TestFault("final"), random: 0) == .notRetryable)
        let other: RetryPolicy.Decision = maxAttempts == 1 ? .exhausted : .retry(after: .zero)
        #expect(policy.decide(failedAttempts: 1, error: TestFault("other"), random: 0) == other)
    }
}
