//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventBus {
    /// Appends an encoded event to the log, and waits for the commit.
    @usableFromInline
    nonisolated func append(_ event: LogEvent, to journal: Journal) async throws -> Receipt {
        guard let publication = try await commit([event], to: journal).first else {
            throw PublishError(.indeterminate, .logFailed, "\(event.name): the log said nothing of it.")
        }
        return receipt(publication, event)
    }

    /// Appends encoded events to the log, all or none, and waits for the commit.
    @usableFromInline
    nonisolated func append(_ events: [LogEvent], to journal: Journal) async throws -> [Receipt] {
        zip(try await commit(events, to: journal), events).map { receipt($0, $1) }
    }

    private nonisolated func commit(_ events: [LogEvent], to journal: Journal) async throws -> [Publication] {
        guard let first = events.first else { return [] }
        try checkPublishable(events)
        let isInsideDelivery = HandlerScope.current?.isInsideDelivery(of: self) == true
        try refuseIfShuttingDown(first.name, isInsideDelivery: isInsideDelivery)
        if !isInsideDelivery { try await journal.gate.enter(events.count, eventName: first.name) }
        guard !Task.isCancelled else {
            if !isInsideDelivery { journal.gate.giveBack(events.count) }
            throw PublishError(
                .rejected, .cancelled, "\(first.name) was not published: its task was cancelled before the log had it.")
        }
        let result = await withCheckedContinuation { continuation in
            journal.log.submit(
                .append(
                    LogAppend(events: events) { result, stored in
                        for event in stored { event.event.record?.commit(at: event.offset) }
                        journal.mailbox.post(appended: stored)
                        if case .failure(let failure) = result { journal.report(failure) }
                        continuation.resume(returning: result)
                    }))
        }
        switch result {
        case .success(let publications):
            if !isInsideDelivery { journal.gate.giveBack(publications.count { $0.isRepeat }) }
            return publications
        case .failure(let failure):
            if !isInsideDelivery, !failure.isIndeterminate { journal.gate.giveBack(events.count) }
            throw PublishError(failure, first.name)
        }
    }

    /// Checks what does not need the log: names and depth of identity.
    nonisolated func checkPublishable(_ events: [LogEvent]) throws(PublishError) {
        var checked: ObjectIdentifier?
        for event in events {
            // Batches are of one type.
            guard let record = event.record, record.typeID != checked else { continue }
            checked = record.typeID
            switch names.claim(record.name, for: record.typeID) {
            case nil: break
            case .invalid(let problem): throw PublishError(.rejected, .invalidName, problem)
            case .taken(let problem): throw PublishError(.rejected, .nameTaken, problem)
            }
        }
    }

    /// Refuses events from outside while the bus shuts down.
    nonisolated func refuseIfShuttingDown(_ name: String, isInsideDelivery: Bool) throws(PublishError) {
        guard shutdown.isRequested, !isInsideDelivery else { return }
        throw PublishError(
            .rejected, .shuttingDown, "\(name) was published while the bus shuts down; only running handlers still may.")
    }

    /// The receipt of a publication: of the event itself, or of the one that was there first.
    nonisolated func receipt(_ publication: Publication, _ event: LogEvent) -> Receipt {
        if !publication.isRepeat, let record = event.record { return Receipt(record) }
        return Receipt(StoredEventRecord(publication, name: event.name, bus: identity, publishedAt: event.publishedAt))
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
