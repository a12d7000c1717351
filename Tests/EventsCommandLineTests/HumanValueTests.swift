//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine
import Foundation
import Testing

@Suite("Values as people write them")
struct HumanValueTests {
    private static let now = Date(timeIntervalSince1970: 1_795_737_600 + 3_600 * 5)  // 2026-11-27T05:00Z

    @Test(
        "durations",
        arguments: [
            ("90s", Duration.seconds(90)), ("15m", .seconds(900)), ("1h30m", .seconds(5_400)), ("2d", .seconds(172_800)),
            ("250ms", .milliseconds(250)), ("1w", .seconds(604_800)), ("1.5h", .seconds(5_400)),
            (" 1 h 30 min ", .seconds(5_400)),
            ("0s", .zero), ("10us", .microseconds(10)), ("3 Days", .seconds(259_200)),
        ])
    func durations(text: String, duration: Duration) throws {
        #expect(try HumanDuration.parse(text) == duration)
    }

    @Test(
        "what is no duration is refused, with an example",
        arguments: [
            "", " ", "15", "m", "-5m", "1x", "1h-", "1..5h", "١٥m", "1e400s", "99999999999w", "5m\u{0}",
            String(repeating: "9", count: 5_000) + "s",
        ])
    func wrongDurations(text: String) {
        let error = #expect(throws: HumanValueError.self) { try HumanDuration.parse(text) }
        #expect(error.map { $0.description.count < 200 && !$0.description.contains("\n") } == true)
    }

    @Test(
        "durations are told in their two largest units",
        arguments: [
            (Duration.zero, "0 s"), (.microseconds(15), "15 µs"), (.milliseconds(250), "250 ms"), (.milliseconds(1_500), "1.5 s"),
            (.seconds(9), "9 s"),
            (.seconds(59), "59 s"), (.seconds(192), "3m 12s"), (.seconds(3_600), "1h"), (.seconds(187_200), "2d 4h"),
            (.seconds(-90), "-1m 30s"),
        ])
    func durationTexts(duration: Duration, text: String) {
        #expect(duration.compactText == text)
    }

    @Test(
        "times",
        arguments: [
            ("2026-11-20T03:00Z", "2026-11-20T03:00:00Z"), ("2026-11-20T03:00:07.5+01:00", "2026-11-20T02:00:07Z"),
            ("2026-11-20 03:00", "2026-11-20T03:00:00Z"), ("2026-11-20", "2026-11-20T00:00:00Z"), ("now", "2026-11-27T05:00:00Z"),
            ("today", "2026-11-27T00:00:00Z"), ("Yesterday", "2026-11-26T00:00:00Z"), ("2h ago", "2026-11-27T03:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"), ("2026-11-20t03:00-0230", "2026-11-20T05:30:00Z"),
        ])
    func times(text: String, time: String) throws {
        #expect(try HumanTime.parse(text, now: Self.now).secondsText == time)
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "15m", "ago", "x ago", "2026-02-30", "2026-13-01", "2026-11-20T25:00Z", "20-11-2026", "tomorrow",
            "2026-11-20T03:00Q",
        ])
    func wrongTimes(text: String) {
        #expect(throws: HumanValueError.self) { try HumanTime.parse(text, now: Self.now) }
    }

    @Test("ages are told both ways")
    func ages() {
        #expect(Self.now.addingTimeInterval(-303).ageText(now: Self.now) == "5m 3s ago")
        #expect(Self.now.addingTimeInterval(60).ageText(now: Self.now) == "in 1m")
        #expect(Date(timeIntervalSince1970: .infinity).ageText(now: Self.now) == "?")
    }

    @Test(
        "sizes",
        arguments: [
            ("4096", 4_096), ("64KiB", 65_536), ("10MB", 10_000_000), ("1.5 GiB", 1_610_612_736), ("0", 0), ("2k", 2_048),
        ])
    func sizes(text: String, bytes: Int) throws {
        #expect(try HumanSize.parse(text) == bytes)
    }

    @Test("what is no size is refused", arguments: ["", "MB", "-1", "1XB", "1e30", "99999999999TB", "1.2.3MB"])
    func wrongSizes(text: String) {
        #expect(throws: HumanValueError.self) { try HumanSize.parse(text) }
    }

    @Test(
        "sizes are told in the unit that suits",
        arguments: [(512, "512 B"), (1_536, "1.5 KiB"), (65_536, "64 KiB"), (9_400_000, "9.0 MiB")])
    func sizeTexts(bytes: Int, text: String) {
        #expect(bytes.bytesText == text)
    }

    @Test(
        "rates are the time between two",
        arguments: [
            ("10/s", Duration.milliseconds(100)), ("600/m", .milliseconds(100)), ("1000/h", .milliseconds(3_600)),
            ("0.5/s", .seconds(2)), ("5 / min", .seconds(12)),
        ])
    func rates(text: String, interval: Duration) throws {
        #expect(try HumanRate.parse(text) == interval)
    }

    @Test(
        "what is no rate is refused",
        arguments: ["", "10", "0/s", "-1/s", "10/", "/s", "10/x", "1e300/s", "10/s/s", "nan/s", "inf/s"])
    func wrongRates(text: String) {
        #expect(throws: HumanValueError.self) { try HumanRate.parse(text) }
    }

    @Test("counts have bounds", arguments: ["", "0", "x", "1001", "1.5", "99999999999999999999"])
    func counts(text: String) throws {
        #expect(throws: HumanValueError.self) { try HumanCount.parse(text, "--limit", in: 1...1_000) }
        #expect(try HumanCount.parse("7", "--limit", in: 1...1_000) == 7)
    }
}
