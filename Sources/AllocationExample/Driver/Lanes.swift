//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Keeps the lines of one SKU apart: while one is in progress, the later ones wait in its lane, in order. A SKU without a line in
/// progress has no lane, so there are never more lanes than lines held.
struct Lanes {
    /// A line that has something to publish.
    struct Line: Sendable, Hashable {
        let event: AllocationEvent
        let id: LineID

        var sku: String { event.sku }
    }

    private var waiting: [String: ArraySlice<Line>] = [:]
    /// Lines in progress and waiting.
    private(set) var held = 0

    /// Takes a line in.
    ///
    /// - Returns: The line if it may start now; `nil` if it waits.
    mutating func enter(_ line: Line) -> Line? {
        held += 1
        guard waiting[line.sku] == nil else {
            waiting[line.sku]?.append(line)
            return nil
        }
        waiting[line.sku] = []
        return line
    }

    /// Ends the line of `sku` that is in progress.
    ///
    /// - Returns: The line that may start now, if one waits.
    mutating func leave(_ sku: String) -> Line? {
        guard waiting[sku] != nil else { return nil }
        held -= 1
        if let next = waiting[sku]?.popFirst() { return next }
        waiting[sku] = nil
        return nil
    }
}
