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

@Suite("Statistics")
struct StatisticsTests {
    @Test("the median of an odd number of values is the one in the middle, whatever their order")
    func oddMedian() {
        #expect([9.0, 1, 5].median == 5)
        #expect([7.0].median == 7)
    }

    @Test("the median of an even number of values is halfway between the two in the middle")
    func evenMedian() {
        #expect([8.0, 1, 2, 100].median == 5)
    }

    @Test("nothing has no median and no percentile")
    func nothing() {
        #expect([Double]().median.isNaN)
        #expect(SortedSamples([]).percentile(50).isNaN)
    }

    @Test(
        "a percentile is the smallest value that so many percent do not exceed",
        arguments: [(0.0, 1.0), (0.1, 1), (50, 500), (90, 900), (99, 990), (99.9, 999), (99.91, 1_000), (100, 1_000)])
    func percentiles(percent: Double, value: Double) {
        #expect(SortedSamples((1...1_000).reversed().map(Double.init)).percentile(percent) == value)
    }

    @Test("a percentile is a value that was measured, also of a few")
    func percentilesOfFew() {
        let samples = SortedSamples([30.0, 10, 20])
        #expect([1, 33, 34, 50, 67, 99.9].map { samples.percentile($0) } == [10, 10, 20, 20, 30, 30])
        #expect(SortedSamples([4.0]).percentile(99.9) == 4)
    }
}
