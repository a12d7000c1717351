//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

/// A command line, in which an underscore stands for a space in an argument, and what is to come of it.
struct CommandCase: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let status: Int32
    var output: [String] = []
    var errors: [String] = []

    init(_ arguments: String, _ status: Int32, output: [String] = [], errors: [String] = []) {
        self.arguments = arguments.split(separator: " ").map { String($0).replacing("_", with: " ") }
        self.status = status
        self.output = output
        self.errors = errors
    }

    var testDescription: String { arguments.joined(separator: " ") }
}
