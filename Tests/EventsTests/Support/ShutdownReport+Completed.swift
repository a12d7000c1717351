//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events

extension ShutdownReport {
    /// What a clean run of so many deliveries reports.
    static func completed(_ count: Int) -> ShutdownReport {
        var report = ShutdownReport()
        report.completed = count
        return report
    }
}
