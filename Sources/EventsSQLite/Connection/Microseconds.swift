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

extension Date {
    /// A time from microseconds since 1970.
    package init(microseconds: Int64) {
        // From 2001, which is what a Date counts from, so that nothing is rounded twice.
        self.init(timeIntervalSinceReferenceDate: Double(microseconds &- Self.microsecondsTo2001) / 1_000_000)
    }

    /// Microseconds since 1970, rounded to the nearest; times that are out of range are the first or the last there is.
    package var microseconds: Int64 {
        let value = (timeIntervalSinceReferenceDate * 1_000_000).rounded()
        guard value > -9.2e18 else { return .min }
        guard value < 9.2e18 else { return .max }
        let (sum, overflow) = Int64(value).addingReportingOverflow(Self.microsecondsTo2001)
        return overflow ? .max : sum
    }

    private static var microsecondsTo2001: Int64 { 978_307_200_000_000 }
}

extension Duration {
    /// This duration in whole microseconds, clamped to what 64 bits hold.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        guard !carried else { return seconds < 0 ? .min : .max }
        return sum
    }
}
