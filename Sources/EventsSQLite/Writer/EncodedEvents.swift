//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The rows of events as bytes, made where the events were published so that the writer, of which there is one, need only bind them.
///
/// All texts of a row lie one after the other, each with its length before it: the order and the form that the checksum covers
/// (``RowChecksum``), so one pass over them gives it. Payloads stay where they are.
struct EncodedEvents: Sendable {
    struct Row: Sendable {
        /// Where the row's texts begin.
        let start: Int
        let publishedAt: Int64
        /// The checksum of everything but the offset.
        let partsChecksum: UInt32
    }

    private(set) var bytes: [UInt8] = []
    private(set) var rows: [Row] = []
    /// How large the events' payloads are together.
    private(set) var payloadBytes = 0

    init() {}

    init(_ events: [LogEvent]) {
        rows.reserveCapacity(events.count)
        bytes.reserveCapacity(events.count * 224)
        for event in events { add(event) }
    }

    mutating func add(_ event: LogEvent) {
        let start = bytes.count
        let publishedAt = event.publishedAt.microseconds
        let payload = event.payload
        let parts = Parts(event)
        let room = parts.longest
        // Room for all of it at once, and the rest given back: an append for each part took most of the time here.
        bytes.append(contentsOf: repeatElement(0, count: room))
        let (unused, textChecksum) = bytes.withUnsafeMutableBytes { all in
            var writer = PartWriter(rest: UnsafeMutableRawBufferPointer(rebasing: all[start...]))
            parts.write(to: &writer, publishedAt: publishedAt)
            writer.addLength(UInt32(truncatingIfNeeded: payload.count))
            let unused = writer.rest.count
            return (unused, events_crc32c(0, all.baseAddress.map { $0 + start }, room - unused))
        }
        bytes.removeLast(unused)
        payloadBytes += payload.count
        let checksum = payload.withUnsafeBytes { events_crc32c(textChecksum, $0.baseAddress, $0.count) }
        rows.append(Row(start: start, publishedAt: publishedAt, partsChecksum: checksum))
    }

    /// Headers as the log keeps them: a JSON object with its names in order.
    static func text(_ headers: [String: String]) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A dictionary of texts always has a JSON form.
        return (try? encoder.encode(headers)) ?? Data("{}".utf8)
    }
}

/// What of an event becomes text.
private struct Parts {
    let id: EventID
    let correlationID: EventID?
    let causationID: EventID?
    let schemaVersion: Int
    let depth: Int
    let name: String
    let orderingKey: String?
    let emittedBy: String?
    let headers: Data?
    let idempotencyKey: String?

    init(_ event: LogEvent) {
        id = event.id
        correlationID = event.correlationID
        causationID = event.causationID
        schemaVersion = event.schemaVersion
        depth = event.depth
        name = event.name
        orderingKey = event.orderingKey
        emittedBy = event.emittedBy
        let headers = event.headers
        self.headers = headers.isEmpty ? nil : EncodedEvents.text(headers)
        idempotencyKey = event.idempotencyKey
    }

    /// No less than all parts take together, in bytes: twelve lengths, three identifiers, three numbers, and the texts.
    var longest: Int {
        12 * 4 + 3 * EventID.textLength + 3 * DecimalText.longest + name.utf8.count + (orderingKey?.utf8.count ?? 0)
            + (emittedBy?.utf8.count ?? 0) + (headers?.count ?? 0) + (idempotencyKey?.utf8.count ?? 0)
    }

    /// Writes all but the payload, in the order of the columns.
    func write(to writer: inout PartWriter, publishedAt: Int64) {
        writer.add(id)
        writer.add(name)
        writer.add(Int64(schemaVersion))
        writer.add(orderingKey)
        writer.add(publishedAt)
        writer.add(correlationID)
        writer.add(causationID)
        writer.add(Int64(depth))
        writer.add(emittedBy)
        if let headers { headers.withUnsafeBytes { writer.add($0) } } else { writer.addAbsent() }
        writer.add(idempotencyKey)
    }
}

/// Writes parts into a buffer that has room for them, each with its length before it.
private struct PartWriter {
    /// What is still free.
    private(set) var rest: UnsafeMutableRawBufferPointer

    mutating func add(_ id: EventID?) {
        guard let id else { return addAbsent() }
        addLength(UInt32(EventID.textLength))
        id.writeASCII(to: rest)
        advance(by: EventID.textLength)
    }

    mutating func add(_ text: String?) {
        guard var text else { return addAbsent() }
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    mutating func add(_ number: Int64) {
        DecimalText.withBytes(of: number) { add($0) }
    }

    mutating func add(_ part: UnsafeRawBufferPointer) {
        addLength(UInt32(truncatingIfNeeded: part.count))
        rest.copyMemory(from: part)
        advance(by: part.count)
    }

    mutating func addAbsent() {
        addLength(RowChecksum.absent)
    }

    mutating func addLength(_ length: UInt32) {
        rest.storeBytes(of: length.littleEndian, as: UInt32.self)
        advance(by: 4)
    }

    private mutating func advance(by count: Int) {
        rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...])
    }
}

/// The texts of a row, one after the other.
struct EncodedTexts {
    private var next: UnsafeRawPointer

    init(at start: UnsafeRawPointer) {
        next = start
    }

    /// The next text, or `nil` for one that is absent.
    mutating func take() -> UnsafeRawBufferPointer? {
        let length = UInt32(littleEndian: next.loadUnaligned(as: UInt32.self))
        next += 4
        guard length != RowChecksum.absent else { return nil }
        defer { next += Int(length) }
        return UnsafeRawBufferPointer(start: next, count: Int(length))
    }
}
