//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import PerformanceTests

@Suite("A JSON line")
struct JSONLineTests {
    @Test("has all keys, in order, and null for what does not apply")
    func plain() {
        let measurement = Measurement(name: "latency-idle/p50", value: 8.25, unit: "µs")
        #expect(
            measurement.jsonLine
                == #"{"name": "latency-idle/p50", "value": 8.25, "unit": "µs", "baseline": null, "ratio": null, "budget": null, "pass": null}"#
        )
    }

    @Test("has baseline, ratio, budget and whether it was kept")
    func full() {
        let measurement = Measurement(
            name: "x", value: 4_000_000, unit: "events/s", baseline: 1_500_000, budget: .expected(.ratioAtLeast(3)))
        #expect(
            measurement.jsonLine
                == #"{"name": "x", "value": 4000000, "unit": "events/s", "baseline": 1500000, "ratio": 2.667, "budget": 3, "pass": false}"#
        )
    }

    @Test("has null for a figure that is none, which has kept no budget")
    func notANumber() {
        let measurement = Measurement(
            name: "x", value: .nan, unit: "ms", baseline: .infinity, budget: .hard(.valueAtMost(50)))
        #expect(
            measurement.jsonLine
                == #"{"name": "x", "value": null, "unit": "ms", "baseline": null, "ratio": null, "budget": 50, "pass": false}"#)
    }

    @Test("is one line that a JSON parser reads back, whatever the name")
    func parses() throws {
        let name = "a \"b\" \\ \n \u{1} \u{1F}é"
        let line = Measurement(name: name, value: -0.0004, unit: "").jsonLine
        #expect(!line.contains("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["name"] as? String == name)
        #expect(object["value"] as? Double == 0)
        #expect(object.count == 7)
    }
}
