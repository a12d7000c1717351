//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How long a log keeps what is finished. What is undelivered, waiting, parked or dead is kept in any case.
public struct RetentionPolicy: Sendable, Hashable {
    /// Events published longer ago than this may go; `nil` is no such bound.
    public var maxAge: Duration?
    /// So many of the newest events stay, whatever their age allows; `nil` is no such bound. With both bounds set, an event goes when
    /// either says so.
    public var maxCount: Int?
    /// How often the log is gone through. The default is one minute.
    public var interval: Duration

    /// A policy; without any bound it keeps everything.
    public init(maxAge: Duration? = nil, maxCount: Int? = nil, interval: Duration = .seconds(60)) {
        self.maxAge = maxAge
        self.maxCount = maxCount
        self.interval = interval
    }

    /// The most events that go in one step, so that no commit takes long.
    static let stepLength = 1_000

    func validate() throws {
        if let maxAge, maxAge < .zero {
            throw EventBusError(.invalidConfiguration, "the retention's maxAge is \(maxAge); it must not be negative.")
        }
        if let maxCount, maxCount < 0 {
            throw EventBusError(.invalidConfiguration, "the retention's maxCount is \(maxCount); it must not be negative.")
        }
        guard interval > .zero else {
            throw EventBusError(.invalidConfiguration, "the retention's interval is \(interval); it must be positive.")
        }
    }
}
