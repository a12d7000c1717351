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

extension EventBus {
    /// Appends an event to the log, and waits for the commit.
    @usableFromInline
    nonisolated func append(
        _ record: EventRecord, payload: Data, idempotencyKey: String?, to journal: Journal
    ) async throws -> Receipt {
        let event = try record.logEvent(payload: payload, idempotencyKey: idempotencyKey)
        let appended = try await commit([event], of: CollectionOfOne(record), to: journal)
        return receipt(of: record, appended.repeats[0])
    }

    /// Appends events of one type to the log, all or none, and waits for the commit.
    @usableFromInline
    nonisolated func append(_ events: [LogEvent], of records: [EventRecord], to journal: Journal) async throws -> [Receipt] {
        let repeats = try await commit(events, of: records, to: journal).repeats
        return records.enumerated().map { index, record in receipt(of: record, repeats.isEmpty ? nil : repeats[index]) }
    }

    private nonisolated func commit(
        _ events: [LogEvent], of records: some RandomAccessCollection<EventRecord> & Sendable, to journal: Journal
    ) async throws -> LogAppended {
        guard let first = records.first else { return LogAppended(first: Offset(rawValue: 0)) }
        try checkPublishable(first)
        let isInsideDelivery = HandlerScope.current?.isInsideDelivery(of: self) == true
        try refuseIfShuttingDown(first.name, isInsideDelivery: isInsideDelivery)
        if !isInsideDelivery { try await journal.gate.enter(events.count, eventName: first.name) }
        guard !Task.isCancelled else {
            if !isInsideDelivery { journal.gate.leave(events.count, end: nil) }
            throw PublishError(
                .rejected, .cancelled, "\(first.name) was not published: its task was cancelled before the log had it.")
        }
        // Kept until it has run: who lets go of it last frees its memory, and for the log's thread, of which there is one, that takes
        // long, since the memory came from here.
        var append: LogAppend?
        let result = await withCheckedContinuation { continuation in
            let change = LogAppend(events: events) { result in
                // Before the bus hears of it, or the events would count twice for a moment.
                if !isInsideDelivery {
                    journal.gate.leave(events.count, end: (try? result.get())?.last(of: events.count))
                }
                switch result {
                case .success(let appended): journal.mailbox.post(appended, of: records)
                case .failure(let failure): journal.report(failure)
                }
                continuation.resume(returning: result)
            }
            append = change
            journal.log.submit(.append(change))
        }
        withExtendedLifetime(append) {}
        do {
            return try result.get()
        } catch {
            throw PublishError(error, first.name)
        }
    }

    /// Checks what does not need the log: the event's name.
    nonisolated func checkPublishable(_ record: EventRecord) throws(PublishError) {
        switch names.claim(record.name, for: record.typeID) {
        case nil: break
        case .invalid(let problem): throw PublishError(.rejected, .invalidName, problem)
        case .taken(let problem): throw PublishError(.rejected, .nameTaken, problem)
        }
    }

    /// Refuses events from outside while the bus shuts down, and says why it does.
    nonisolated func refuseIfShuttingDown(_ what: String, isInsideDelivery: Bool) throws(PublishError) {
        guard shutdown.isRequested, !isInsideDelivery else { return }
        if let failure = journal?.failure { throw PublishError(.rejected, .logFailed, "\(what): \(failure.message)") }
        if shutdown.isClosed { throw PublishError(.rejected, .closed, "\(what) came to a closed bus; nobody would handle it.") }
        throw PublishError(.rejected, .shuttingDown, "\(what) came while the bus shuts down; only running handlers still may.")
    }

    /// The receipt of a publication: of the event itself, or of the one that was there first.
    private nonisolated func receipt(of record: EventRecord, _ earlier: Publication?) -> Receipt {
        guard let earlier else { return Receipt(record) }
        return Receipt(
            StoredEventRecord(earlier, name: record.name, bus: identity, publishedAt: record.origin.publishedAt))
    }

    @usableFromInline
    static func needsLog(_ name: String, _ what: String) -> PublishError {
        PublishError(
            .rejected, .needsLog, "\(name) was published with \(what), which needs a bus with a log: EventBus(log:).")
    }
}

extension PublishError {
    /// What a log's failure means for a publish.
    init(_ failure: LogFailure, _ name: String) {
        let reason: Reason =
            switch failure.reason {
            case .full: .logFull
            case .busy: .logBusy
            case .closed: .closed
            case .keyReused: .keyReused
            default: .logFailed
            }
        self.init(failure.isIndeterminate ? .indeterminate : .rejected, reason, "\(name): \(failure.message)")
    }
}
