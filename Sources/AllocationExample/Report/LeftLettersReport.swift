//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsCommandLine

/// The dead letters that are left at the end, for somebody to look into.
struct LeftLettersReport {
    /// The first of them.
    let letters: [DeadLetter]
    /// How many there are.
    let count: Int

    /// How many are worth reading.
    static let longestList = 3

    func lines(_ style: Style) -> [String] {
        guard count > 0 else { return [] }
        let verb = count == 1 ? "delivery has" : "deliveries have"
        var lines = [style.bold("Dead letters left"), ""]
        lines += TextLayout.wrap("\(count.grouped) \(verb) failed for good. The rest went on without them.", first: "  ") + [""]
        for letter in letters.prefix(Self.longestList) {
            let line = letter.metadata.headers[StreamDriver.lineHeader].map { ", line \($0)" } ?? ""
            lines += TextLayout.wrap(
                "\(letter.metadata.name)\(line): \(letter.errorText.printable(200))", first: "    \(letter.id)  ", indent: 6)
        }
        let others = count - min(letters.count, Self.longestList)
        if others > 0 { lines.append("    ... and \(others.grouped) more") }
        return lines + [""]
    }
}
