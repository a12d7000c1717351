//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsCommandLine

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a change of many letters would be about, for people.
struct PreviewPage {
    let preview: LetterPreview
    let now: Date
    let style: Style
    /// Whether the letters would be sent back.
    var isSend = true
    /// The time between two letters, where they are sent one by one.
    var interval: Duration?

    var lines: [String] {
        var block = KeyValueBlock()
        block.add("letters", preview.letters.grouped)
        let subscriptions = preview.subscriptions.sorted { $0.key < $1.key }
        block.add("subscriptions", subscriptions.map { "\($0.key.printable) (\($0.value.grouped))" }.joined(separator: ", "))
        block.add("keys", preview.keys.grouped)
        block.add("parked behind", preview.parked.counting("delivery").replacing("deliverys", with: "deliveries"))
        block.add("oldest", preview.oldest.map { "\($0.secondsText), \($0.ageText(now: now))" })
        if isSend, preview.unhandled > 0 {
            block.add("no handler", "\(preview.unhandled.grouped) of a type that no subscription takes now; they stay")
        }
        if isSend, preview.leftBehind > 0 {
            block.add(
                "left behind",
                "\(preview.leftBehind.grouped) earlier letters of the same keys, which still hold those up; --key takes all of a key"
            )
        }
        if let interval {
            block.add("duration", "\((interval * preview.letters).compactText) at this rate")
        }
        return block.lines(style: style)
    }
}
