//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// Processor time spent up to a moment, in clock ticks, by everybody and by this process.
///
/// It tells whether a run had the machine to itself. If not, ratios suffer as well: what uses two cores loses more than what does not.
struct ProcessorTime: Sendable, Hashable {
    /// All cores together, idle or not.
    let total: Int
    let busy: Int
    let own: Int

    /// The state of things now; `nil` where the system has no `/proc`.
    static func now() -> ProcessorTime? {
        guard let machine = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let process = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
        else { return nil }
        return ProcessorTime(machine: machine, process: process)
    }

    /// - Parameters:
    ///   - machine: What `/proc/stat` says; its first line is `cpu`, then ticks: user, nice, system, idle, waiting for I/O,
    ///     interrupts, soft interrupts, stolen by the host.
    ///   - process: What `/proc/self/stat` says; user and system ticks are the 12th and 13th field behind the program's name, which
    ///     stands in parentheses.
    init?(machine: String, process: String) {
        let all = machine.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        guard all.count == 8, let name = process.lastIndex(of: ")") else { return nil }
        let fields = process[name...].split(separator: " ").dropFirst()
        let own = fields.dropFirst(11).prefix(2).compactMap { Int($0) }
        guard own.count == 2 else { return nil }
        total = all.reduce(0, +)
        busy = total - all[3] - all[4]
        self.own = own[0] + own[1]
    }

    /// Which share of the machine, from 0 to 1, other programs used between this moment and a later one.
    func othersShare(until later: ProcessorTime) -> Double {
        guard later.total > total else { return 0 }
        let others = (later.busy - busy) - (later.own - own)
        return max(0, Double(others) / Double(later.total - total))
    }
}
