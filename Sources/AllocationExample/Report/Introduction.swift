//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What the demonstration says before it begins.
struct Introduction {
    let options: Options

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
        var lines = [style.bold("The allocation service on an event bus"), ""]
        lines += TextLayout.wrap(stream, first: "  Stream  ")
        lines += TextLayout.wrap(bus, first: "  Bus     ")
        lines += TextLayout.wrap(faults, first: "  Faults  ")
        return lines + [""]
    }
}
