//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A seeded schedule that could not come to its end. Its description names the seed, which reproduces it.
public struct ScheduleError: Error, Sendable {
    /// The kind of an error. More kinds may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case stuck, stepLimit, alreadyRunning, failed
        }

        private let value: Value

        /// Nothing can run, nothing waits for the time, and the body has not finished: a deadlock, or a wait for something outside.
        public static let stuck = Code(value: .stuck)
        /// The body had not finished when the step limit was reached: probably tasks that keep each other busy for ever.
        public static let stepLimit = Code(value: .stepLimit)
        /// The schedule is running already; it runs one body at a time.
        public static let alreadyRunning = Code(value: .alreadyRunning)
        /// The body threw ``ScheduleError/underlying``. Only ``exploreSchedules(seeds:time:stepLimit:patience:_:)`` wraps it so.
        public static let failed = Code(value: .failed)

        public var description: String { value.rawValue }
    }

    /// The kind of the error.
    public let code: Code
    /// The seed of the schedule: running the same body with it again gives the same schedule.
    public let seed: UInt64
    /// How many steps the schedule had made.
    public let steps: Int
    /// What the body threw, if the code is ``Code/failed``.
    public let underlying: (any Error)?
    /// What is known about it, and what to do.
    public let message: String

    init(_ code: Code, seed: UInt64, steps: Int, message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.seed = seed
        self.steps = steps
        self.message = message
        self.underlying = underlying
    }
}

extension ScheduleError: CustomStringConvertible {
    /// What went wrong, at which step, and the seed to see it again.
    public var description: String {
        "\(code) after \(steps) steps with seed \(seed): \(message)"
    }
}
