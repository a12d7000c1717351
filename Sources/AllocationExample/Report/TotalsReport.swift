//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine

/// What a run came to, in words.
struct TotalsReport {
    let summary: Summary
    /// Lines of the stream that were read, blank ones not counted.
    let lines: Int
    let duration: Duration
    /// Whether the stream was not read to its end.
    var isPartial = false

    func lines(_ style: Style) -> [String] {
        let heading = "Totals of \(lines.counting("line"))\(isPartial ? ", stopped after" : " in") \(duration.secondsText)"
        let rows = rows
        let width = max(7, rows.map(\.number.count).max() ?? 0)
        let resumed = TextLayout.wrap(
            "\(summary.resumed.counting("event")) had been settled by earlier runs; the totals are those of all runs.",
            first: "  ")
        return [style.bold(heading), ""] + (summary.resumed > 0 ? resumed + [""] : [])
            + rows.flatMap { number, text in TextLayout.wrap(text, first: "  \(number.padded(to: width))  ") }
    }

    private var rows: [(number: String, text: String)] {
        let events = summary.events
        return [
            (events.batchCreated.grouped, "batches created: stock was bought, of \(summary.skus.counting("SKU"))."),
            (
                events.allocationRequired.grouped,
                "allocations required, \(summary.deallocated.grouped) of them because a batch shrank."
            ),
            (events.batchQuantityChanged.grouped, "batch quantities changed: a count found more or less."),
            (
                events.outOfStock.grouped,
                "times out of stock, for \(summary.outOfStockSKUs.counting("SKU")): no batch had enough."
            ),
            (
                summary.allocatedLines.grouped,
                "lines allocated: they hold \(summary.allocatedUnits.counting("unit")) at the end."
            ),
            (summary.availableUnits.grouped, "units available: they are promised to nobody."),
            (summary.rejectedLines.grouped, "lines rejected as malformed."),
            (summary.deadLettered.grouped, "dead letters left."),
        ]
    }
}
