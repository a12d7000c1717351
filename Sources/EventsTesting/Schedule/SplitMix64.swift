//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A small pseudo-random generator of good quality: Steele, Lea and Flood's SplitMix64. Not for secrets.
///
/// The system's generator cannot be seeded, and the one choice of a seed must give the same numbers on every machine.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// A generator for one of several purposes under one seed, so that drawing more for the one does not change the other.
    package init(seed: UInt64, purpose: UInt64) {
        state = Self.mix(seed &+ Self.increment) ^ Self.mix(purpose)
    }

    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mix(state)
    }

    /// A number from 0 to below `bound`, which must be positive. The bias of the multiplication is below 2⁻³² for lists of jobs.
    package mutating func next(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Turns similar numbers into unrelated ones.
    static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
