//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A change to a log. Each has a completion, which is called exactly once, after the commit, from any thread; it must be quick.
public enum LogChange: Sendable {
    case append(LogAppend)
    case settle(LogSettlement)
    case redrive(LogLetterChange<[RedrivenDelivery]>)
    case discard(LogLetterChange<[DiscardedLetter]>)
    case schedule(LogScheduling)
    case cancelScheduled(LogCancellation)
    case releaseScheduled(LogRelease)
    case transact(LogTransact)
    case subscribe(LogSubscribe)
    case leave(LogLeave)
    case unsubscribe(LogUnsubscribe)
    case prune(LogPruning)
}

extension LogChange {
    /// Tells its completion that it was not done, for logs that refuse it.
    public func fail(_ failure: LogFailure) {
        switch self {
        case .append(let change): change.completion(.failure(failure))
        case .settle(let change): change.completion(.failure(failure), [])
        case .redrive(let change): change.completion(.failure(failure))
        case .discard(let change): change.completion(.failure(failure))
        case .schedule(let change): change.completion(.failure(failure))
        case .cancelScheduled(let change): change.completion(.failure(failure))
        case .releaseScheduled(let change): change.completion(.failure(failure), nil)
        case .transact(let change): change.completion(.failure(failure))
        case .subscribe(let change): change.completion(.failure(failure))
        case .leave(let change): change.completion(.failure(failure))
        case .unsubscribe(let change): change.completion(.failure(failure))
        case .prune(let change): change.completion(.failure(failure))
        }
    }
}
