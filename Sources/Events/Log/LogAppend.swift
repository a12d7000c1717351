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
    /// Told what was appended.
    public let completion: @Sendable (Result<LogAppended, LogFailure>) -> Void

    /// An append.
    public init(events: [LogEvent], completion: @escaping @Sendable (Result<LogAppended, LogFailure>) -> Void) {
        self.events = events
        self.completion = completion
    }
}

/// What an append came to.
///
/// It says no more than what the caller cannot know: a log's thread that hands back what it was handed takes longer over that than
/// over writing it.
public struct LogAppended: Sendable, Hashable {
    /// The offset of the first event that was stored. The others follow it in order, without a gap.
    public let first: Offset
    /// The events that stored nothing, because an earlier one has their idempotency key: what that came to, by index.
    public let repeats: [Int: Publication]

    /// What an append came to.
    public init(first: Offset, repeats: [Int: Publication] = [:]) {
        self.first = first
        self.repeats = repeats
    }

    /// What each of the events came to, which are those of the append.
    public func publications(of events: [LogEvent]) -> [Publication] {
        map(events) { event, offset in
            Publication(offset: offset, id: event.id, correlationID: event.correlationID ?? event.id, isRepeat: false)
        } repeated: {
            $0
        }
    }

    /// The events that were stored, of those of the append.
    public func stored(of events: [LogEvent]) -> [StoredEvent] {
        map(events) {
            StoredEvent(offset: $1, event: $0)
        } repeated: { _ in
            nil
        }
    }

    /// The offset of the last event that was stored, of so many that were appended; `nil` when none was.
    func last(of count: Int) -> Offset? {
        count > repeats.count ? Offset(rawValue: first.rawValue + Int64(count - repeats.count) - 1) : nil
    }

    /// Goes through the events of the append, with the offsets of those that were stored.
    @inline(__always)
    private func map<Value>(
        _ events: [LogEvent], stored: (LogEvent, Offset) -> Value, repeated: (Publication) -> Value?
    ) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(events.count)
        var next = first.rawValue
        for (index, event) in events.enumerated() {
            if !repeats.isEmpty, let publication = repeats[index] {
                if let value = repeated(publication) { values.append(value) }
            } else {
                values.append(stored(event, Offset(rawValue: next)))
                next += 1
            }
        }
        return values
    }
}
