//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How text is emphasised, if it is: with the codes that every terminal has obeyed since the VT100.
struct Style: Sendable {
    var isOn = false

    func bold(_ text: String) -> String {
        isOn ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }
}
