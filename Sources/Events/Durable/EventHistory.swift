//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which events of a log to read. Every field that is set must match; a filter with none set matches all.
public struct HistoryFilter: Sendable, Hashable {
    /// Only events of greater offsets.
    public var after: Offset?
    /// Only events up to this offset.
    public var through: Offset?
    /// Only events with one of these names, such as `"order.placed"`.
    public var names: Set<String>?
    /// Only events with this ordering key.
    public var orderingKey: String?
    /// Only events with this first cause.
    public var correlationID: EventID?
    /// Only events published at this time or later.
    public var since: Date?
    /// Only events published before this time.
    public var before: Date?

    /// A filter; leave out what does not matter.
    public init(
        after: Offset? = nil, through: Offset? = nil, names: Set<String>? = nil, orderingKey: String? = nil,
        correlationID: EventID? = nil, since: Date? = nil, before: Date? = nil
    ) {
        self.after = after
        self.through = through
        self.names = names
        self.orderingKey = orderingKey
        self.correlationID = correlationID
        self.since = since
        self.before = before
    }

    /// The filter that matches every event.
    public static let all = HistoryFilter()

    var selection: EventSelection {
        var selection = EventSelection()
        if let after { selection.after = after }
        selection.through = through
        selection.names = names
        selection.orderingKey = orderingKey
        selection.correlationID = correlationID
        selection.since = since
        selection.before = before
        return selection
    }
}

/// An event as a log has it.
public struct RecordedEvent: Sendable {
    /// The event's identity, offset, times, causes and headers.
    public let metadata: EventMetadata
    private let stored: Veiled<StoredEvent>

    init(_ record: EventRecord, _ stored: StoredEvent) {
        metadata = EventMetadata(record)
        self.stored = Veiled(stored)
    }

    /// The event itself; `nil` when no handler of this bus takes its type, or when it cannot be read.
    public var event: (any Event)? { metadata.record.anyEvent }
    /// The event's bytes as they are stored: JSON in UTF-8, of the schema version that it was written with.
    public var payload: Data { stored.value.event.payload }
    /// Whether the bytes are those that were written. If not, nothing here can be relied on.
    public var isIntact: Bool { stored.value.isIntact }

    /// The handle by which to ask what became of the event: ``EventBus/outcome(of:including:)``.
    public var receipt: Receipt { Receipt(metadata.record) }
}

extension RecordedEvent: CustomStringConvertible {
    public var description: String { metadata.description }
}

/// The events of a log, oldest first: ``EventBus/history(_:)``.
///
/// It is read page by page, each in a moment of its own, so a slow reader holds up nothing. It ends where the log ended when that was
/// reached.
public struct EventHistory: AsyncSequence, Sendable {
    public typealias Element = RecordedEvent

    let journal: Journal
    let filter: HistoryFilter
    let bus: ObjectIdentifier

    /// Reads one event after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let journal: Journal
        let bus: ObjectIdentifier
        var selection: EventSelection
        var page: [StoredEvent] = []
        var position = 0
        var isAtEnd = false

        /// The next event; `nil` at the end.
        ///
        /// - Throws: ``LogFailure`` when the log cannot be read, or is closed; `CancellationError`.
        public mutating func next() async throws -> RecordedEvent? {
            while position == page.count {
                if isAtEnd { return nil }
                try Task.checkCancellation()
                let read = try await journal.log.events(selection)
                (page, position, isAtEnd) = (read.events, 0, read.isLast)
                selection.after = read.through
            }
            let stored = page[position]
            position += 1
            let record = journal.coding.record(of: stored, bus: bus)
            return RecordedEvent(record, stored)
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(journal: journal, bus: bus, selection: filter.selection)
    }
}

extension EventBus {
    /// The events of the log that a filter matches, oldest first. It needs a log.
    ///
    /// ```swift
    /// for try await recorded in try bus.history(HistoryFilter(names: ["order.placed"])) { … }
    /// ```
    ///
    /// - Throws: ``EventBusError`` with `needsLog` on a bus in memory.
    public nonisolated func history(_ filter: HistoryFilter = .all) throws -> EventHistory {
        guard let journal else {
            throw EventBusError(.needsLog, "a bus in memory keeps no history; open the bus with a log: EventBus(log:).")
        }
        return EventHistory(journal: journal, filter: filter, bus: identity)
    }
}
