//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// Prints the results as they come: a table for people, or one JSON object a line.
///
/// With JSON, nothing else goes to standard output; what is left to say to people goes to standard error.
struct Report: Sendable {
    let json: Bool

    func begin() {
        #if DEBUG
        toPeople("This is a debug build: its figures mean nothing. scripts/bench builds for release.")
        #endif
        guard !json else { return }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        toPeople("Higher is better for /s, lower for time and memory. \(cores) processor cores.\n")
        toPeople(Table.header)
    }

    func show(_ measurements: [Measurement]) {
        for measurement in measurements { print(json ? measurement.jsonLine : Table.row(measurement)) }
        // Into a pipe, lines would otherwise come together at the end.
        fflush(nil)
    }

    /// - Parameter othersShare: Which share of the machine other programs used meanwhile, where that is known.
    func end(_ verdict: Verdict, after duration: Duration, othersShare: Double?) {
        if !json { print() }
        if let othersShare, othersShare > 0.05 {
            let percent = Int((othersShare * 100).rounded())
            toPeople("Other programs took \(percent) % of the machine meanwhile: trust these figures less.")
        }
        for line in verdict.lines(after: duration) { toPeople(line) }
    }

    private func toPeople(_ line: String) {
        if json {
            FileHandle.standardError.write(Data((line + "\n").utf8))
        } else {
            print(line)
            fflush(nil)
        }
    }
}
