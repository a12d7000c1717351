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

/// Makes an event of one type from what a log has of it.
struct EventReader: Sendable {
    let name: String
    let typeID: ObjectIdentifier
    let schemaVersion: Int
    /// Decodes a payload of the present schema version into a record.
    let read: @Sendable (_ payload: Data, _ orderingKey: String?, _ origin: EventOrigin) throws -> EventRecord

    init<E: Event>(_ eventType: E.Type) {
        name = E.name
        typeID = ObjectIdentifier(eventType)
        schemaVersion = E.schemaVersion
        // The key is the one that the event has its place by, in the log and here.
        read = { payload, orderingKey, origin in
            TypedEventRecord(try EventCoding.decoder.decode(E.self, from: payload), orderingKey: orderingKey, origin: origin)
        }
    }
}

/// Brings the payload of one event and schema version to the version after it.
struct Upcaster: Sendable {
    let eventName: String
    let version: Int
    let upcast: @Sendable (_ payload: Data) throws -> Data
}

/// Why a stored event cannot be handled, and what a dead letter says of it.
struct UnreadableEvent: Error, Sendable {
    let reason: DeadLetter.Reason
    let errorType: String
    let errorText: String
}

/// How events become bytes and bytes events again: JSON, and upcasters for what older code wrote.
struct EventCoding: Sendable {
    private let readers: [String: EventReader]
    private let upcasters: [String: [Int: Upcaster]]
    /// Both are safe to share: they keep no state between calls.
    static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
    static let decoder = JSONDecoder()

    init(readers: [EventReader], upcasters: [Upcaster]) {
        self.readers = Dictionary(readers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var byName: [String: [Int: Upcaster]] = [:]
        for upcaster in upcasters { byName[upcaster.eventName, default: [:]][upcaster.version] = upcaster }
        self.upcasters = byName
    }

    /// The coding with readers of more event types.
    func adding(_ more: [EventReader]) -> EventCoding {
        EventCoding(readers: Array(readers.values) + more, upcasters: upcasters.values.flatMap { $0.values })
    }

    /// The record of a stored event: with its event, or, when that cannot be read, with the reason why.
    func record(of stored: StoredEvent, bus: ObjectIdentifier) -> EventRecord {
        let event = stored.event
        let record: EventRecord
        do {
            record = try read(stored, bus: bus)
        } catch {
            record = StoredEventRecord(stored, origin: origin(of: event, bus: bus), problem: error)
        }
        record.commit(at: stored.offset)
        return record
    }

    private func read(_ stored: StoredEvent, bus: ObjectIdentifier) throws(UnreadableEvent) -> EventRecord {
        let event = stored.event
        guard stored.isIntact else {
            throw UnreadableEvent(
                reason: .corrupt, errorType: "CorruptEvent",
                errorText: "the row of offset \(stored.offset) is not what was written: its checksum is wrong")
        }
        guard let reader = readers[event.name] else {
            throw UnreadableEvent(
                reason: .undecodable, errorType: "UnknownEvent",
                errorText: "no event type named '\(event.name)' is registered; register a handler for it and redrive")
        }
        guard event.schemaVersion <= reader.schemaVersion else {
            throw UnreadableEvent(
                reason: .undecodable, errorType: "NewerSchemaVersion",
                errorText: "\(event.name) was written with schema version \(event.schemaVersion); this code knows "
                    + "\(reader.schemaVersion). Deploy the newer code and redrive")
        }
        var payload = event.payload
        var version = event.schemaVersion
        while version < reader.schemaVersion {
            guard let upcaster = upcasters[event.name]?[version] else {
                throw UnreadableEvent(
                    reason: .undecodable, errorType: "MissingUpcaster",
                    errorText:
                        "\(event.name) was written with schema version \(event.schemaVersion), and no upcaster from version "
                        + "\(version) is registered. Register one and redrive")
            }
            do {
                payload = try upcaster.upcast(payload)
            } catch {
                throw UnreadableEvent(
                    reason: .undecodable, errorType: "UpcastFailed",
                    errorText: "the upcaster of \(event.name) from version \(version) failed: \(Self.place(of: error))")
            }
            version += 1
        }
        do {
            return try reader.read(payload, event.orderingKey, origin(of: event, bus: bus))
        } catch {
            throw UnreadableEvent(
                reason: .undecodable, errorType: "DecodingFailed",
                errorText: "\(event.name) of schema version \(event.schemaVersion) could not be decoded: \(Self.place(of: error))"
            )
        }
    }

    private func origin(of event: LogEvent, bus: ObjectIdentifier) -> EventOrigin {
        let isPlain =
            event.correlationID == nil && event.causationID == nil && event.depth == 0 && event.headers.isEmpty
            && event.emittedBy == nil
        return EventOrigin(
            id: event.id, bus: bus, publishedAt: event.publishedAt,
            details: isPlain
                ? nil
                : EventOrigin.Details(
                    correlationID: event.correlationID, causationID: event.causationID, depth: event.depth,
                    headers: event.headers, emittedBy: event.emittedBy, parent: nil))
    }

    /// What an error says without quoting what was being decoded: its kind and, for a decoding error, the place.
    private static func place(of error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "at the top" : "at '\(path)'"
        }
        guard let error = error as? DecodingError else { return String(describing: type(of: error)) }
        switch error {
        case .keyNotFound(let key, let context): return "the key '\(key.stringValue)' is missing \(path(context))"
        case .typeMismatch(let type, let context): return "no \(type) \(path(context))"
        case .valueNotFound(let type, let context): return "null instead of \(type) \(path(context))"
        case .dataCorrupted(let context): return "invalid \(path(context))"
        @unknown default: return "DecodingError"
        }
    }
}

extension EventRecord {
    /// The event as a log keeps it.
    @usableFromInline
    func logEvent(payload: Data, idempotencyKey: String?) throws(PublishError) -> LogEvent {
        guard idempotencyKey != "" else {
            // All events with an empty key would count as one.
            throw PublishError(
                .rejected, .invalidKey,
                "\(name) was published with an empty idempotency key, which other events may have as well; give it one of its own, or "
                    + "none.")
        }
        return LogEvent(self, payload: payload, idempotencyKey: idempotencyKey)
    }
}

/// A published event that is known but not at hand: a repeated publish's first publication, or one that cannot be read.
///
/// `@unchecked Sendable` for the reason that ``EventRecord`` gives: its own properties are constants of `Sendable` types.
final class StoredEventRecord: EventRecord, @unchecked Sendable {
    /// The bytes as stored; `nil` where only the publication is known.
    let stored: StoredEvent?
    /// Why the event cannot be handled.
    let problem: UnreadableEvent?

    init(_ stored: StoredEvent, origin: EventOrigin, problem: UnreadableEvent?) {
        self.stored = stored
        self.problem = problem
        super.init(
            typeID: ObjectIdentifier(StoredEventRecord.self), name: stored.event.name, schemaVersion: stored.event.schemaVersion,
            orderingKey: stored.event.orderingKey, byteCount: stored.event.payload.count, origin: origin)
    }

    init(_ publication: Publication, name: String, bus: ObjectIdentifier, publishedAt: Date) {
        stored = nil
        problem = nil
        let details =
            publication.correlationID == publication.id
            ? nil
            : EventOrigin.Details(
                correlationID: publication.correlationID, causationID: nil, depth: 0, headers: [:], emittedBy: nil, parent: nil)
        super.init(
            typeID: ObjectIdentifier(StoredEventRecord.self), name: name, schemaVersion: 0, orderingKey: nil, byteCount: 0,
            origin: EventOrigin(id: publication.id, bus: bus, publishedAt: publishedAt, details: details))
        commit(at: publication.offset)
    }

    override var anyEvent: (any Event)? { nil }
}
