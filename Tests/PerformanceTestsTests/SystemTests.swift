//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import PerformanceTests

@Suite("What the system tells")
struct SystemTests {
    @Test("others took what was busy and was not this process's")
    func othersShare() throws {
        let start = try #require(
            ProcessorTime(
                machine: "cpu  10 1 5 100 4 0 0 0 7 7\ncpu0 1 1", process: "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 6 2 0 0"))
        let end = try #require(
            ProcessorTime(machine: "cpu  40 1 15 148 6 0 0 10 9 9\n", process: "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 26 7 0 0"))
        #expect(start == ProcessorTime(machine: "cpu 10 1 5 100 4 0 0 0", process: "1 (x) S 1 2 3 4 5 6 7 8 9 10 6 2"))
        #expect(start.own == 8)
        // 100 ticks in all, 50 of them busy, 25 of those our own.
        #expect(start.othersShare(until: end) == 0.25)
        #expect(start.othersShare(until: start) == 0)
    }

    @Test("processor time that cannot be read is not known", arguments: ["", "cpu 1 2 3\n", "cpu 1 2 3 4 5 6 7 x"])
    func unreadable(machine: String) {
        #expect(ProcessorTime(machine: machine, process: "1 (x) S 1 2 3 4 5 6 7 8 9 10 6 2") == nil)
        #expect(ProcessorTime(machine: "cpu 1 1 1 1 1 1 1 1", process: "1 (x) S 1 2") == nil)
    }

    @Test("the resident memory is read from the process's status")
    func residentMemory() {
        #expect(ResidentMemory.kibibytes(inStatus: "Name:\tx\nVmHWM:\t  999 kB\nVmRSS:\t   1234 kB\nThreads:\t1\n") == 1_234)
        #expect(ResidentMemory.kibibytes(inStatus: "Name:\tx\n") == nil)
    }
}
