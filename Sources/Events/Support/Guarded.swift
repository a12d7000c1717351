//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Synchronization

/// A `Mutex` that the thread sanitizer can see.
///
/// On Linux a contended `Mutex` is handed from thread to thread by the kernel, in code that is not instrumented, and the sanitizer
/// then reports races that are none (seen with Swift 6.3.1). The acquiring load and the releasing store around the body say the
/// same again in code that it understands. They are plain moves on x86 and cost next to nothing elsewhere.
package struct Guarded<Value>: ~Copyable {
    private let mutex: Mutex<Value>
    private let handover = Atomic<UInt8>(0)

    package init(_ value: consuming sending Value) {
        mutex = Mutex(value)
    }

    /// Runs `body` while no other thread does, and returns what it returns.
    package borrowing func withLock<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        mutex.withLock { value in
            _ = handover.load(ordering: .acquiring)
            defer { handover.store(0, ordering: .releasing) }
            return body(&value)
        }
    }
}

extension Guarded: Sendable {}
