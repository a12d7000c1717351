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
/// A class, because it goes from array to array: as a struct each step counted a reference for everything in it. It is used again
/// once its change is done. What one thread frees of another's memory makes both wait for the allocator's lock, which was a third of
/// what 256 publishers took.
///
/// `@unchecked Sendable`: one thread has it at a time. Whoever hands in a change fills it, and has forgotten it before the log's
/// thread takes it, which empties it before it goes back. The lock on what is pending lies between.
final class PendingChange: @unchecked Sendable {
    /// The change; `nil` when it was taken out, or there is none yet.
    private(set) var change: LogChange?
    /// The rows of all events in the change, in the order in which the change has them: of a settlement's item first those that it
    /// emitted, then those that it scheduled.
    private(set) var encoded = EncodedEvents()
    /// Whether it only appends events, of which the log needs the rows and nothing else.
    private(set) var isPlainAppend = false
    /// Whether an action of the change may run as long as it takes.
    private(set) var isUnbounded = false

    /// About how much it adds to a commit, in bytes.
    var byteCount: Int { encoded.bytes.count }

    init() {}

    /// Takes a change in.
    func fill(_ change: LogChange, isUnbounded: Bool = false) {
        switch change {
        case .append(let append):
            encoded.add(contentsOf: append.events)
            isPlainAppend = !encoded.hasIdempotencyKeys
        case .schedule(let scheduling):
            for scheduled in scheduling.events { encoded.add(scheduled.event) }
        case .settle(let settlement):
            for item in settlement.items {
                encoded.add(contentsOf: item.events)
                for scheduled in item.scheduled { encoded.add(scheduled.event) }
            }
        default: break
        }
        self.change = change
        self.isUnbounded = isUnbounded
    }

    /// Takes the change out, so that whoever waits for it lets go of it last.
    func take() -> LogChange? {
        // A swap moves it: to copy it and then set it to nil counts four references in another core's memory.
        var taken: LogChange?
        swap(&taken, &change)
        return taken
    }

    /// Forgets everything, but keeps some of the room.
    func empty() {
        change = nil
        encoded.removeAll()
        isPlainAppend = false
    }

    /// Whether it is kept and tried again when there is no room: what handlers did cannot be handed back to a caller.
    var isHeldWithoutRoom: Bool {
        if case .settle = change { true } else { false }
    }

    /// Tells its completion that it was not done.
    func fail(_ failure: LogFailure) {
        take()?.fail(failure)
    }
}
