//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine

/// Decides when progress is worth a line, and writes that line.
struct ProgressMeter {
    /// What there is to show.
    struct Progress: Sendable, Hashable {
        /// Lines of the stream that were read.
        var lines = 0
        /// How much of the stream that is, from 0 to 1, if its length is known.
        var fraction: Double?
        /// Attempts to be repeated so far.
        var retries = 0
    }

    /// The longest line, in columns. What exceeds the terminal would wrap, and could not be written over.
    static let width = 72

    private static let barLength = 30

    /// Whether each line is written over the one before.
    let isInPlace: Bool
    private var lastTime: ContinuousClock.Instant
    private var lastQuarter = 0

    init(isInPlace: Bool, start: ContinuousClock.Instant) {
        self.isInPlace = isInPlace
        lastTime = start
    }

    /// The line to show, or `nil` if it is too early for one: in place there are ten a second; otherwise one for each quarter of the
    /// stream, and one every five seconds.
    mutating func line(for progress: Progress, now: ContinuousClock.Instant) -> String? {
        let passed = lastTime.duration(to: now)
        let quarter = Int((progress.fraction ?? 0) * 4)
        let isDue = isInPlace ? passed >= .milliseconds(100) : passed >= .seconds(5) || quarter > lastQuarter
        guard isDue else { return nil }
        lastTime = now
        lastQuarter = quarter
        return text(progress)
    }

    private func text(_ progress: Progress) -> String {
        var parts: [String] = []
        if let fraction = progress.fraction {
            let percent = "\(Int(fraction * 100)) %".padded(to: 5)
            if isInPlace {
                let filled = Int(fraction * Double(Self.barLength))
                let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Self.barLength - filled)
                parts.append("[\(bar)] \(percent)")
            } else {
                parts.append(percent)
            }
        }
        parts.append("\(progress.lines.grouped) lines read")
        if progress.retries > 0 { parts.append("\(progress.retries.grouped) retries") }
        return String(("  " + parts.joined(separator: "  ")).prefix(Self.width))
    }
}
