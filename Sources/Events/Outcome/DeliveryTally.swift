//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// Where a delivery stands, as outcomes count it.
enum DeliveryState: Sendable {
    /// Waiting, running or due for a retry: the only state that an outcome waits for.
    case pending
    case completed
    case dead
    case discarded
    case parked
    case dropped
}

/// How many deliveries stand in which state.
///
/// The bus actor is the only writer, so plain loads and stores suffice; they are atomics because the record that holds them is
/// shared with publishers and handlers.
struct DeliveryTally: ~Copyable, Sendable {
    private let pending = Atomic<Int32>(0)
    private let completed = Atomic<Int32>(0)
    private let dead = Atomic<Int32>(0)
    private let discarded = Atomic<Int32>(0)
    private let parked = Atomic<Int32>(0)
    private let dropped = Atomic<Int32>(0)

    func count(_ state: DeliveryState) -> Int {
        switch state {
        case .pending: Int(pending.load(ordering: .relaxed))
        case .completed: Int(completed.load(ordering: .relaxed))
        case .dead: Int(dead.load(ordering: .relaxed))
        case .discarded: Int(discarded.load(ordering: .relaxed))
        case .parked: Int(parked.load(ordering: .relaxed))
        case .dropped: Int(dropped.load(ordering: .relaxed))
        }
    }

    func add(_ amount: Int32, to state: DeliveryState) {
        switch state {
        case .pending: Self.add(amount, to: pending)
        case .completed: Self.add(amount, to: completed)
        case .dead: Self.add(amount, to: dead)
        case .discarded: Self.add(amount, to: discarded)
        case .parked: Self.add(amount, to: parked)
        case .dropped: Self.add(amount, to: dropped)
        }
    }

    func move(from old: DeliveryState, to new: DeliveryState) {
        add(-1, to: old)
        add(1, to: new)
    }

    @inline(__always)
    private static func add(_ amount: Int32, to counter: borrowing Atomic<Int32>) {
        counter.store(counter.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}
