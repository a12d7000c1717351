//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// The event most tests publish: a number to tell it by and, where order matters, a key.
struct Numbered: Event {
    static let name = "test.numbered"

    var number: Int
    var key: String?

    init(_ number: Int, key: String? = nil) {
        self.number = number
        self.key = key
    }

    var orderingKey: String? { key }
}

/// A second type, for tests that need two.
struct Lettered: Event {
    static let name = "test.lettered"

    var letter: String
    var key: String?

    init(_ letter: String, key: String? = nil) {
        self.letter = letter
        self.key = key
    }

    var orderingKey: String? { key }
}

/// The error that handlers of tests throw.
struct TestFault: Error, Equatable, CustomStringConvertible {
    var text: String

    init(_ text: String = "the handler was told to fail") {
        self.text = text
    }

    var description: String { text }
}
