//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The deliveries of a subscription that only the log has, by lane: what has a row of its own and is not in memory. A pure state
/// machine, like ``DeliveryQueue``, which has the ones in memory.
///
/// What the log has of a lane comes after what is in memory of it. So a new delivery of the lane is stored as well, until what is
/// stored has been loaded. The lane of `nil` has no order: it is what has no key.
///
/// ```
///              store                   stored                     load
///   in memory ───────▶ on its way in ──────────▶ in the log only ───────▶ loading ──▶ in memory
/// ```
struct StoredLanes {
    private struct Lane {
        /// Deliveries that only the log has. An upper bound for the lane without order.
        var stored = 0
        /// Deliveries on their way into the log.
        var storing = 0
        var isLoading = false
        /// Whether something changed since the load began, which may not have seen it.
        var isStale = false
        /// The same since the look began that the load is part of.
        var hasChanged = false
        /// What that look has found so far.
        var found = 0
        /// Whether the last load found nothing that may run now; nothing is loaded until something changes.
        var isExhausted = false
        /// The delivery that occupies the lane and waits in the log for its next attempt.
        var held: Offset?

        var isEmpty: Bool { stored == 0 && storing == 0 && held == nil }
    }

    private var lanes: [ExactText?: Lane] = [:]
    /// Lanes to look at for a load, in the order in which they came; some may need none any more.
    private var candidates = RingBuffer<ExactText?>()
    private(set) var storing = 0

    /// Whether nothing is stored or on its way.
    var isEmpty: Bool { lanes.isEmpty }
    /// Whether a delivery that occupies its lane waits in the log for its next attempt.
    var isHolding: Bool { lanes.values.contains { $0.held != nil } }

    /// Deliveries that the log alone has or is about to have, of the lanes for which a condition holds.
    func count(where isIncluded: (ExactText?) -> Bool = { _ in true }) -> Int {
        lanes.reduce(0) { isIncluded($1.key) ? $0 + $1.value.stored + $1.value.storing : $0 }
    }

    /// Whether a new delivery of a lane has to be stored, because the log has some that come before it.
    func holdsBack(_ key: ExactText) -> Bool {
        guard let lane = lanes[key] else { return false }
        return lane.stored > 0 || lane.storing > 0 || lane.held != nil
    }

    /// A delivery of a lane is on its way into the log.
    mutating func beginStoring(_ key: ExactText?) {
        lanes[key, default: Lane()].storing += 1
        storing += 1
    }

    /// It has arrived there.
    mutating func finishStoring(_ key: ExactText?) {
        storing -= 1
        lanes[key, default: Lane()].storing -= 1
        add(1, to: key)
    }

    /// The log has deliveries of a lane that are not in memory.
    mutating func add(_ count: Int, to key: ExactText?) {
        guard count > 0 else { return }
        lanes[key, default: Lane()].stored += count
        lanes[key]?.isExhausted = false
        lanes[key]?.isStale = true
        candidates.append(key)
    }

    /// The delivery that occupies a lane waits in the log for its next attempt.
    mutating func hold(_ offset: Offset, in key: ExactText) {
        lanes[key, default: Lane()].held = offset
    }

    /// The delivery that waited in the log for its next attempt is in memory again. `false` if it was not the one.
    mutating func release(_ offset: Offset, in key: ExactText) -> Bool {
        guard lanes[key]?.held == offset else { return false }
        lanes[key]?.held = nil
        removeIfEmpty(key)
        return true
    }

    /// Something changed that may let stored deliveries of a lane run.
    mutating func reconsider(_ key: ExactText?) {
        guard lanes[key] != nil else { return }
        lanes[key]?.isExhausted = false
        lanes[key]?.isStale = true
        candidates.append(key)
    }

    /// Takes the next lane that has something to load and is free for it; it is loading from then on.
    mutating func nextLoad(where isFree: (ExactText?) -> Bool) -> ExactText?? {
        while let key = candidates.popFirst() {
            guard let lane = lanes[key], lane.stored > 0, !lane.isLoading, !lane.isExhausted, lane.held == nil, isFree(key) else {
                continue
            }
            lanes[key]?.isLoading = true
            // What came between two pages of a look may lie before the second one.
            if lane.isStale { lanes[key]?.hasChanged = true }
            lanes[key]?.isStale = false
            return .some(key)
        }
        return nil
    }

    /// A page of a lane was loaded, with so many deliveries that were not in memory. Pages follow each other from the start of what the
    /// log has to its end; `isBlocked` says that it may have more that may not run now.
    ///
    /// What is counted is only about right: a load may find a row before the bus is told of its commit. So the count decides when to
    /// look, and what a look from start to end has seen decides when to stop.
    mutating func finishLoading(_ key: ExactText?, count: Int, isStart: Bool, isEnd: Bool, isBlocked: Bool) {
        guard var lane = lanes[key] else { return }
        lane.isLoading = false
        lane.found = (isStart ? 0 : lane.found) + count
        lane.hasChanged = (!isStart && lane.hasChanged) || lane.isStale
        lane.stored = max(isEnd && !lane.hasChanged ? 0 : 1, lane.stored - count)
        if isEnd, !lane.hasChanged {
            if !isBlocked { lane.stored = 0 }
            if lane.found == 0 { lane.isExhausted = true }
        }
        lanes[key] = lane
        candidates.append(key)
        removeIfEmpty(key)
    }

    /// A delivery that was stored is not any more, without having been loaded.
    mutating func remove(_ count: Int, from key: ExactText?) {
        guard var lane = lanes[key] else { return }
        lane.stored = max(0, lane.stored - count)
        lanes[key] = lane
        removeIfEmpty(key)
    }

    private mutating func removeIfEmpty(_ key: ExactText?) {
        if let lane = lanes[key], lane.isEmpty, !lane.isLoading { lanes[key] = nil }
    }
}
