//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Why a probe's expectation was not met.
public struct ProbeError: Error, Sendable, Hashable {
    /// The kind of an error. More kinds may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case missing, unexpected, unsettled
        }

        private let value: Value

        /// The expected event was not published.
        public static let missing = Code(value: .missing)
        /// An event was published that should not have been.
        public static let unexpected = Code(value: .unexpected)
        /// The bus still has something to do.
        public static let unsettled = Code(value: .unsettled)

        public var description: String { value.rawValue }
    }

    /// The kind of the error.
    public let code: Code
    /// What was expected and what there was instead: names, counts and offsets. It never holds an event's content.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension ProbeError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}
