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

/// Makes event identifiers that rise strictly and whose random part a seed decides.
final class SeededEventIDs: Sendable {
    private struct State {
        var milliseconds: UInt64 = 0
        var sequence: UInt16 = 0
        var random: SplitMix64
    }

    private static let largestMilliseconds: UInt64 = (1 << 48) - 1
    private static let largestSequence: UInt16 = 0x0FFF

    private let state: Guarded<State>

    init(seed: UInt64) {
        state = Guarded(State(random: SplitMix64(seed: seed, purpose: 2)))
    }

    /// A fresh identifier for the given time of day. Whatever the time of day does, each identifier is greater than the last.
    func makeEventID(at date: Date) -> EventID {
        let milliseconds = Self.milliseconds(of: date)
        return state.withLock { state in
            if milliseconds > state.milliseconds {
                state.milliseconds = milliseconds
                state.sequence = 0
            } else if state.sequence < Self.largestSequence {
                state.sequence += 1
            } else {
                // More than 4,096 in one millisecond: borrow from the next, as RFC 9562 allows.
                state.milliseconds += 1
                state.sequence = 0
            }
            return EventID(milliseconds: state.milliseconds, sequence: state.sequence, random: state.random.next())
        }
    }

    /// Unix time in milliseconds, clamped to what an identifier holds: a caller may pass any date at all.
    private static func milliseconds(of date: Date) -> UInt64 {
        let milliseconds = date.timeIntervalSince1970 * 1000
        guard milliseconds > 0 else { return 0 }
        guard milliseconds < Double(largestMilliseconds) else { return largestMilliseconds }
        return UInt64(milliseconds)
    }
}
