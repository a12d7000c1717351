//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Times as people write them: `2026-11-20T03:00Z`, `2026-11-20 03:00` (UTC), `2h ago`, `yesterday`.
package enum HumanTime {
    /// - Parameter now: What the words are relative to.
    package static func parse(_ text: String, now: Date) throws(HumanValueError) -> Date {
        let trimmed = text.trimmingPrefix { $0.isWhitespace }
        let lower = trimmed.lowercased()
        switch lower {
        case "now": return now
        case "today": return startOfDay(now)
        case "yesterday": return startOfDay(now).addingTimeInterval(-86_400)
        default: break
        }
        if lower.hasSuffix("ago") {
            let duration = try HumanDuration.parse(String(trimmed.dropLast(3)))
            return now.addingTimeInterval(-(duration / .seconds(1)))
        }
        if let date = date(String(trimmed)) { return date }
        if (try? HumanDuration.parse(text)) != nil {
            throw HumanValueError("\(text.quoted) is a duration and no time; write '\(text) ago'")
        }
        throw HumanValueError(
            "\(text.quoted) is no time; write it as 2026-11-20T03:00Z, 2026-11-20 (both UTC), '2h ago' or yesterday")
    }

    private static func startOfDay(_ date: Date) -> Date {
        Date(timeIntervalSince1970: (date.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
    }

    /// A date, with a time if there is one, and an offset from UTC if there is one.
    private static func date(_ text: String) -> Date? {
        let pattern =
            /(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?)?/
        guard let match = text.wholeMatch(of: pattern) else { return nil }
        func number(_ part: Substring?) -> Int { part.flatMap { Int($0) } ?? 0 }
        var parts = DateComponents()
        (parts.year, parts.month, parts.day) = (number(match.1), number(match.2), number(match.3))
        (parts.hour, parts.minute, parts.second) = (number(match.4), number(match.5), number(match.6))
        var calendar = Calendar(identifier: .gregorian)
        guard let utc = TimeZone(secondsFromGMT: 0) else { return nil }
        calendar.timeZone = utc
        guard let date = calendar.date(from: parts) else { return nil }
        // The calendar would make the first of March of the thirtieth of February.
        let back = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        guard back.year == parts.year, back.month == parts.month, back.day == parts.day, back.hour == parts.hour,
            back.minute == parts.minute, back.second == parts.second
        else { return nil }
        let fraction = match.7.flatMap { Double("0.\($0)") } ?? 0
        let offset = Double(number(match.10) * 3_600 + number(match.11) * 60) * (match.9 == "-" ? -1 : 1)
        return date.addingTimeInterval(fraction - offset)
    }
}

extension Date {
    /// The time in UTC to the second: `2026-11-20T03:00:07Z`.
    package var secondsText: String { formatted(.iso8601) }

    /// How long ago it was: `5m 3s ago`, or `in 3 s`.
    package func ageText(now: Date) -> String {
        let age = now.timeIntervalSince(self)
        guard age.isFinite, abs(age) < 1e10 else { return "?" }
        let text = Duration.seconds(abs(age).rounded(.down)).compactText
        return age < 0 ? "in \(text)" : "\(text) ago"
    }
}
