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

@Suite("The lanes of a stream")
struct LanesTests {
    private var lanes = Lanes()

    private func line(_ number: Int, _ sku: String) -> Lanes.Line {
        Lanes.Line(
            event: .allocationRequired(AllocationRequired(orderID: "o", sku: sku, quantity: 1)),
            id: LineID(number: number, fingerprint: 0))
    }

    @Test("let one line of a SKU through at a time, in order")
    mutating func order() {
        #expect(lanes.enter(line(1, "LAMP")) == line(1, "LAMP"))
        #expect(lanes.enter(line(2, "LAMP")) == nil)
        #expect(lanes.enter(line(3, "LAMP")) == nil)
        #expect(lanes.leave("LAMP") == line(2, "LAMP"))
        #expect(lanes.leave("LAMP") == line(3, "LAMP"))
        #expect(lanes.leave("LAMP") == nil)
        #expect(lanes.enter(line(4, "LAMP")) == line(4, "LAMP"))
    }

    @Test("of different SKUs have nothing to do with each other")
    mutating func independence() {
        #expect(lanes.enter(line(1, "LAMP")) != nil)
        #expect(lanes.enter(line(2, "DESK")) != nil)
        #expect(lanes.enter(line(3, "LAMP")) == nil)
        #expect(lanes.leave("DESK") == nil)
        #expect(lanes.leave("LAMP") == line(3, "LAMP"))
    }

    @Test("count the lines they hold")
    mutating func held() {
        for number in 1...3 { _ = lanes.enter(line(number, number == 2 ? "DESK" : "LAMP")) }
        #expect(lanes.held == 3)
        for sku in ["LAMP", "DESK", "LAMP", "LAMP", "SOFA"] { _ = lanes.leave(sku) }
        #expect(lanes.held == 0)
    }
}
