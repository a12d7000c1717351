//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsSQLite

/// Why something could not be looked at, or not be done.
public struct OperationsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error. More kinds may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case invalid, notFound, refused, failed
        }

        private let value: Value

        /// What was asked for cannot be, or names no log.
        public static let invalid = Code(value: .invalid)
        /// There is no such dead letter, event or plan.
        public static let notFound = Code(value: .notFound)
        /// It cannot be done now, or not by this owner: nothing was changed.
        public static let refused = Code(value: .refused)
        /// Reading or writing failed, or the owner was lost before it answered.
        public static let failed = Code(value: .failed)

        public var description: String { value.rawValue }
    }

    /// The kind of error.
    public let code: Code
    /// What happened, and what to do about it. It never holds an event's content.
    public let message: String

    /// An error with its message.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// What an error from below comes to.
    init(_ error: any Error) {
        switch error {
        case let error as OperationsError: self = error
        case let error as ControlError:
            let code: Code =
                switch error.code {
                case .invalid: .invalid
                case .unknown: .notFound
                case .refused, .unsupported: .refused
                case .failed: .failed
                }
            self.init(code, error.message)
        case let failure as LogFailure:
            let code: Code =
                switch failure.reason {
                case .invalid: .invalid
                case .owned, .newer, .unsupported, .closed: .refused
                default: .failed
                }
            self.init(code, failure.message)
        default: self.init(.failed, "\(error)")
        }
    }
}
