//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// A change on its way into a commit, with its events as rows.
///
/// A class, because it goes from array to array: as a struct each step counted a reference for everything in it.
final class PendingChange: Sendable {
    let change: LogChange
    /// The rows of all events in the change, in the order in which the change has them: of a settlement's item first those that it
    /// emitted, then those that it scheduled.
    let encoded: EncodedEvents
    /// About how much it adds to a commit, in bytes.
    let byteCount: Int
    /// Whether an action of the change may run as long as it takes.
    let isUnbounded: Bool

    init(_ change: LogChange, isUnbounded: Bool = false) {
        var encoded = EncodedEvents()
        switch change {
        case .append(let append):
            encoded = EncodedEvents(append.events)
        case .schedule(let scheduling):
            for scheduled in scheduling.events { encoded.add(scheduled.event) }
        case .settle(let settlement):
            for item in settlement.items {
                for event in item.events { encoded.add(event) }
                for scheduled in item.scheduled { encoded.add(scheduled.event) }
            }
        default: break
        }
        self.change = change
        self.isUnbounded = isUnbounded
        self.encoded = encoded
        byteCount = encoded.bytes.count + encoded.payloadBytes
    }

    /// Whether it is kept and tried again when there is no room: what handlers did cannot be handed back to a caller.
    var isHeldWithoutRoom: Bool {
        if case .settle = change { true } else { false }
    }

    /// Tells its completion that it was not done.
    func fail(_ failure: LogFailure) {
        change.fail(failure)
    }
}
