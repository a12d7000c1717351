//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// Something that is set once, after others may have begun to read it, and read without a lock.
///
/// Nor does reading count a reference, as an `AtomicLazyReference` does: what every publisher on every core counts is a place where
/// they wait for one another. What was set stays until this goes, so nothing needs to be counted.
final class LateConstant<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    /// The address of a box that this owns; 0 before there is one.
    private let stored = Atomic<UInt>(0)

    deinit {
        box?.release()
    }

    private var box: Unmanaged<Box>? {
        UnsafeRawPointer(bitPattern: stored.load(ordering: .acquiring)).map(Unmanaged<Box>.fromOpaque)
    }

    /// Calls a function with what was set; `nil` before.
    func withValue<Result>(_ body: (Value) -> Result) -> Result? {
        box?._withUnsafeGuaranteedRef { body($0.value) }
    }

    /// What was set; `nil` before.
    var value: Value? { withValue { $0 } }

    /// Sets it. A second time changes nothing.
    func set(_ value: Value) {
        let box = Unmanaged.passRetained(Box(value))
        let address = UInt(bitPattern: box.toOpaque())
        let (isFirst, _) = stored.compareExchange(expected: 0, desired: address, ordering: .releasing)
        if !isFirst { box.release() }
    }
}
