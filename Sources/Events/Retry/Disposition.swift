//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What a handler throws to say itself what becomes of its delivery, instead of leaving it to the retry policy.
///
/// ```swift
/// guard let product = catalogue[order.sku] else {
///     throw Disposition.permanentFailure("unknown SKU \(order.sku)")
/// }
/// ```
public struct Disposition: Error, Sendable {
    enum Kind: Sendable {
        case permanentFailure(String)
        case retry(after: Duration)
        case discard(String)
    }

    let kind: Kind

    /// Whether it settles the delivery for good.
    var isVerdict: Bool {
        switch kind {
        case .permanentFailure, .discard: true
        case .retry: false
        }
    }

    /// The event itself is wrong and no further attempt will help: it becomes a dead letter now. Unless the subscription says
    /// otherwise (``DeadLetterPolicy``), later events of its key go on.
    public static func permanentFailure(_ reason: String) -> Disposition {
        Disposition(kind: .permanentFailure(reason))
    }

    /// Not now: try again after `delay`, and do not count this attempt against the limit. A negative delay counts as zero. The
    /// key waits meanwhile.
    public static func retry(after delay: Duration) -> Disposition {
        Disposition(kind: .retry(after: max(.zero, delay)))
    }

    /// Nothing to do: the delivery is over and counted as discarded. What the handler emitted is not published.
    public static func discard(_ reason: String) -> Disposition {
        Disposition(kind: .discard(reason))
    }
}

extension Disposition: CustomStringConvertible {
    public var description: String {
        switch kind {
        case .permanentFailure(let reason): "permanent failure: \(reason)"
        case .retry(let delay): "retry after \(delay)"
        case .discard(let reason): "discarded: \(reason)"
        }
    }
}
