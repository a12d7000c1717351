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

@Suite("The progress meter")
struct ProgressMeterTests {
    private typealias Progress = ProgressMeter.Progress

    private let start = ContinuousClock.now

    @Test("shows a bar ten times a second on a terminal")
    func inPlace() {
        var meter = ProgressMeter(isInPlace: true, start: start)
        let progress = Progress(lines: 1_399, fraction: 0.5, retries: 12)
        #expect(meter.line(for: progress, now: start.advanced(by: .milliseconds(99))) == nil)
        #expect(
            meter.line(for: progress, now: start.advanced(by: .milliseconds(100)))
                == "  [###############---------------]  50 %  1,399 lines read  12 retries")
        #expect(meter.line(for: progress, now: start.advanced(by: .milliseconds(199))) == nil)
        #expect(meter.line(for: progress, now: start.advanced(by: .milliseconds(200))) != nil)
    }

    @Test("writes a line for each quarter elsewhere")
    func quarters() {
        var meter = ProgressMeter(isInPlace: false, start: start)
        let lines = (0...100).compactMap { percent in
            meter.line(for: Progress(lines: percent, fraction: Double(percent) / 100), now: start)
        }
        #expect(
            lines == ["   25 %  25 lines read", "   50 %  50 lines read", "   75 %  75 lines read", "  100 %  100 lines read"])
    }

    @Test("writes a line every five seconds when a quarter takes longer, or nobody knows how long the stream is")
    func seconds() {
        var meter = ProgressMeter(isInPlace: false, start: start)
        let lines = (0...12).compactMap { seconds in
            meter.line(for: Progress(lines: 1_000 * seconds), now: start.advanced(by: .seconds(seconds)))
        }
        #expect(lines == ["  5,000 lines read", "  10,000 lines read"])
    }

    @Test("never writes a line that is too long to be written over")
    func width() {
        var meter = ProgressMeter(isInPlace: true, start: start)
        let line = meter.line(
            for: Progress(lines: .max, fraction: 1, retries: .max), now: start.advanced(by: .seconds(1)))
        #expect(line.map { $0.count <= ProgressMeter.width } == true)
    }
}
