//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine

/// What the demonstration says before it begins.
struct Introduction {
    let options: Options
    /// The path of the log's file.
    let path: String
    let start: StartingPoint

    func lines(_ style: Style) -> [String] {
        let stream = options.input.map { $0.printable() } ?? "the Northwind order book that comes with the example"
        let bus =
            "\(options.workers.counting("worker")). Each line and all that it causes is handled before the next line of its SKU; "
            + "other SKUs go on meanwhile."
        let faults =
            switch options.faults {
            case .none: "none"
            case .mail: "The mail server refuses every twelfth mail once or twice, and one until it is repaired."
            }
        let state =
            start.lastOffset == 0
            ? "It is new: a run that ends early can be resumed."
            : "It is resumed: earlier runs have settled \(start.settledEvents.counting("event")), which are lines and the mails "
                + "that they caused."
        let log = "\(path.printable(2_000)). \(state)"
        var lines = [style.bold("The allocation service on an event bus"), ""]
        lines += TextLayout.wrap(stream, first: "  Stream  ")
        lines += TextLayout.wrap(bus, first: "  Bus     ")
        lines += TextLayout.wrap(log, first: "  Log     ")
        lines += TextLayout.wrap(faults, first: "  Faults  ")
        return lines + [""]
    }
}
