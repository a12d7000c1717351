//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How text is emphasised, if it is: with the codes that every terminal has obeyed since the VT100.
package struct Style: Sendable {
    package var isOn = false

    package init(isOn: Bool = false) {
        self.isOn = isOn
    }

    package func bold(_ text: String) -> String { with("1", text) }
    package func dim(_ text: String) -> String { with("2", text) }
    package func red(_ text: String) -> String { with("31", text) }
    package func green(_ text: String) -> String { with("32", text) }
    package func yellow(_ text: String) -> String { with("33", text) }

    private func with(_ code: String, _ text: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
