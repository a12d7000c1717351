//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// When a failed attempt is tried again, and how often.
///
/// ```swift
/// let retry = RetryPolicy.exponential(base: .milliseconds(100), factor: 2, cap: .seconds(30), maxAttempts: 5)
/// ```
///
/// | failed attempts | delay before jitter |
/// |---|---|
/// | 1 | 100 ms |
/// | 2 | 200 ms |
/// | 3 | 400 ms |
/// | 4 | 800 ms |
/// | 5 | none: it becomes a dead letter |
///
/// A handler can overrule the policy for one attempt by throwing a ``Disposition``.
public struct RetryPolicy: Sendable {
    /// How a delay is varied at random, so that what failed together does not come back together.
    ///
    /// The kinds are those of "Exponential Backoff and Jitter" (Marc Brooker, AWS Architecture Blog, 2015).
    public enum Jitter: Sendable, Hashable {
        /// Exactly the computed delay.
        case none
        /// Between zero and the computed delay.
        case full
        /// Between half the computed delay and all of it.
        case equal
    }

    /// The most attempts a delivery has, the first included; at least 1. A redrive starts the count anew.
    public let maxAttempts: Int
    /// The delay after the first failed attempt.
    public let base: Duration
    /// What the delay is multiplied with after each further failed attempt; 1 keeps it constant.
    public let factor: Double
    /// The longest delay.
    public let cap: Duration
    /// How delays are varied.
    public let jitter: Jitter
    private let isRetryable: @Sendable (any Error) -> Bool

    private init(
        maxAttempts: Int, base: Duration, factor: Double, cap: Duration, jitter: Jitter,
        isRetryable: @escaping @Sendable (any Error) -> Bool
    ) {
        self.maxAttempts = max(1, maxAttempts)
        self.base = max(.zero, base)
        self.factor = factor.isFinite ? max(1, factor) : 1
        self.cap = max(.zero, cap)
        self.jitter = jitter
        self.isRetryable = isRetryable
    }

    /// One attempt: the first failure is a dead letter.
    public static let none = RetryPolicy(
        maxAttempts: 1, base: .zero, factor: 1, cap: .zero, jitter: .none, isRetryable: { _ in true })

    /// What a subscription has unless told otherwise: five attempts, 100 ms doubling up to 30 s, full jitter.
    public static let standard = RetryPolicy.exponential(base: .milliseconds(100))

    /// The same delay after every failure.
    ///
    /// - Parameters:
    ///   - delay: The delay; a negative one counts as zero.
    ///   - maxAttempts: The most attempts, the first included. Less than 1 counts as 1. The default is 5.
    ///   - jitter: How the delay is varied. The default is ``Jitter/none``.
    ///   - isRetryable: Whether an error is worth another attempt; `false` makes it a dead letter at once, as a failure of the
    ///     event's own: its key goes on. The default retries every error.
    public static func constant(
        _ delay: Duration, maxAttempts: Int = 5, jitter: Jitter = .none,
        retryIf isRetryable: @escaping @Sendable (any Error) -> Bool = { _ in true }
    ) -> RetryPolicy {
        RetryPolicy(maxAttempts: maxAttempts, base: delay, factor: 1, cap: delay, jitter: jitter, isRetryable: isRetryable)
    }

    /// A delay that grows by a factor with every failure.
    ///
    /// - Parameters:
    ///   - base: The delay after the first failure; a negative one counts as zero.
    ///   - factor: The growth; less than 1, or no finite number, counts as 1. The default is 2.
    ///   - cap: The longest delay. The default is 30 seconds.
    ///   - maxAttempts: The most attempts, the first included. Less than 1 counts as 1. The default is 5.
    ///   - jitter: How the delay is varied. The default is ``Jitter/full``.
    ///   - isRetryable: Whether an error is worth another attempt; `false` makes it a dead letter at once, as a failure of the
    ///     event's own: its key goes on. The default retries every error.
    public static func exponential(
        base: Duration, factor: Double = 2, cap: Duration = .seconds(30), maxAttempts: Int = 5, jitter: Jitter = .full,
        retryIf isRetryable: @escaping @Sendable (any Error) -> Bool = { _ in true }
    ) -> RetryPolicy {
        RetryPolicy(
            maxAttempts: maxAttempts, base: base, factor: factor, cap: cap, jitter: jitter, isRetryable: isRetryable)
    }

    /// What follows a failed attempt.
    enum Decision: Sendable, Equatable {
        case retry(after: Duration)
        case exhausted
        case notRetryable
    }

    /// Decides what follows the `failedAttempts`-th failure (counted from 1). `random` is a uniformly distributed number.
    func decide(failedAttempts: Int, error: any Error, random: UInt64) -> Decision {
        if !isRetryable(error) { return .notRetryable }
        if failedAttempts >= maxAttempts { return .exhausted }
        return .retry(after: delay(afterFailures: failedAttempts, random: random))
    }

    /// The delay after the `failures`-th failure (counted from 1), jitter included.
    func delay(afterFailures failures: Int, random: UInt64) -> Duration {
        // The power may be infinite, and the cap then holds; a base of zero stays zero however it grows.
        let grown = base == .zero ? 0 : Double(base.saturatingNanoseconds) * pow(factor, Double(max(1, failures) - 1))
        let whole = min(grown, Double(cap.saturatingNanoseconds))
        let fraction = Double(random >> 11) / Double(UInt64(1) << 53)
        let nanoseconds =
            switch jitter {
            case .none: whole
            case .full: whole * fraction
            case .equal: whole / 2 + whole / 2 * fraction
            }
        return .nanoseconds(nanoseconds < 9e18 ? Int64(nanoseconds) : Int64.max)
    }
}
