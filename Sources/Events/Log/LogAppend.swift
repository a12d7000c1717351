//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Appends events: all of them or none.
public struct LogAppend: Sendable {
    /// The events, in order.
    public let events: [LogEvent]
    /// Told the publication of each event, in order, and of those that were stored the event with its offset.
    public let completion: @Sendable (Result<[Publication], LogFailure>, [StoredEvent]) -> Void

    /// An append.
    public init(
        events: [LogEvent], completion: @escaping @Sendable (Result<[Publication], LogFailure>, [StoredEvent]) -> Void
    ) {
        self.events = events
        self.completion = completion
    }
}
