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
final class LateConstant<Value: Sendable>: Sendable {
    private let stored = AtomicLazyReference<Box>()

    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    /// What was set; `nil` before.
    var value: Value? { stored.load()?.value }

    /// Sets it. A second time changes nothing.
    func set(_ value: Value) {
        _ = stored.storeIfNil(Box(value))
    }
}
