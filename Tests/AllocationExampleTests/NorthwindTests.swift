//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import AllocationExample

@Suite("The Northwind order book")
struct NorthwindTests {
    static let expected =
        #"{"events":{"batchCreated":563,"allocationRequired":2241,"batchQuantityChanged":80,"outOfStock":364},"#
        + #""rejectedLines":0,"deadLettered":0,"deallocated":86,"allocatedLines":1791,"allocatedUnits":39334,"#
        + #""availableUnits":4141,"skus":77,"outOfStockSKUs":77,"resumed":0}"#

    @Test("comes to exactly the known totals when driven through the domain line by line")
    func synchronously() throws {
        var run = SynchronousRun()
        try run.drive(path: try BundledStream.path())
        #expect(run.summary.jsonLine == Self.expected)
    }

    @Test("comes to the same totals on the bus, with any number of workers and with mail faults", .timeLimit(.minutes(10)))
    func onTheBus() async throws {
        for workers in [1, 2, 4, 16] {
            for faults in Options.Faults.allCases {
                try await withTemporaryLog { log in
                    let captured = CapturedConsole()
                    let options = Options(workers: workers, faults: faults, json: true, database: log)
                    let demonstration = Demonstration(options: options, console: captured.console(isForPrograms: true))
                    #expect(await demonstration.run() == 0)
                    #expect(captured.outputLines == [Self.expected], "\(workers) workers, faults: \(faults)")
                }
            }
        }
    }
}
