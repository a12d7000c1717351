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
/// It does not look at the events themselves: memory that another core has just written is what a commit waits for most.
///
/// All texts of a row lie one after the other, each with its length before it: the order and the form that the checksum covers
/// (``RowChecksum``), so one pass over them gives it. What is bound as a number, and the checksum, go before them.
struct EncodedEvents: Sendable {
    /// What of a row is no text.
    struct Numbers: BitwiseCopyable {
        var publishedAt: Int64
        var schemaVersion: Int64
        var depth: Int64
        /// The checksum of everything but the offset.
        var partsChecksum: UInt32
    }

    private(set) var bytes: [UInt8] = []
    /// Where the rows begin, but for the first: single events are most of what is published, and need no array.
    private var laterStarts: [Int] = []
    /// Whether an event has an idempotency key.
    private(set) var hasIdempotencyKeys = false

    init() {}

    init(_ events: [LogEvent]) {
        add(contentsOf: events)
    }

    /// How many rows there are.
    var count: Int { bytes.isEmpty ? 0 : laterStarts.count + 1 }

    mutating func add(contentsOf events: [LogEvent]) {
        if events.count > 1 {
            laterStarts.reserveCapacity(laterStarts.count + events.count)
            bytes.reserveCapacity(bytes.count + events.count * 288)
        }
        for event in events { add(event) }
    }

    /// Removes all rows, and keeps room for a few.
    mutating func removeAll() {
        if bytes.capacity > 4_096 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
        if laterStarts.capacity > 64 { laterStarts = [] } else { laterStarts.removeAll(keepingCapacity: true) }
        hasIdempotencyKeys = false
    }

    mutating func add(_ event: LogEvent) {
        let start = bytes.count
        if start > 0 { laterStarts.append(start) }
        if event.idempotencyKey != nil { hasIdempotencyKeys = true }
        let parts = Parts(event)
        let (header, room) = (MemoryLayout<Numbers>.size, parts.longest)
        // Room for all of it at once, and the rest given back: an append for each part took most of the time here.
        bytes.append(contentsOf: repeatElement(0, count: header + room))
        let unused = bytes.withUnsafeMutableBytes { all in
            let row = UnsafeMutableRawBufferPointer(rebasing: all[start...])
            let texts = UnsafeMutableRawBufferPointer(rebasing: row[header...])
            var writer = PartWriter(rest: texts)
            parts.write(to: &writer)
            let unused = writer.rest.count
            row.storeBytes(
                of: Numbers(
                    publishedAt: parts.publishedAt, schemaVersion: parts.schemaVersion, depth: parts.depth,
                    partsChecksum: events_crc32c(0, texts.baseAddress, room - unused)),
                as: Numbers.self)
            return unused
        }
        bytes.removeLast(unused)
    }

    /// Gives the row at an index to a function.
    func withRow<Result>(_ index: Int, _ body: (EncodedRow) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { all in
            try body(EncodedRow(UnsafeRawBufferPointer(rebasing: all[(index == 0 ? 0 : laterStarts[index - 1])...])))
        }
    }

    /// Headers as the log keeps them: a JSON object with its names in order.
    static func text(_ headers: [String: String]) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A dictionary of texts always has a JSON form.
        return (try? encoder.encode(headers)) ?? Data("{}".utf8)
    }
}

/// What of an event becomes a row.
private struct Parts {
    let id: EventID
    let correlationID: EventID?
    let causationID: EventID?
    let publishedAt: Int64
    let schemaVersion: Int64
    let depth: Int64
    let name: String
    let orderingKey: String?
    let emittedBy: String?
    let headers: Data?
    let idempotencyKey: String?
    let payload: Data

    init(_ event: LogEvent) {
        id = event.id
        correlationID = event.correlationID
        causationID = event.causationID
        publishedAt = event.publishedAt.microseconds
        schemaVersion = Int64(event.schemaVersion)
        depth = Int64(event.depth)
        name = event.name
        orderingKey = event.orderingKey
        emittedBy = event.emittedBy
        let headers = event.headers
        self.headers = headers.isEmpty ? nil : EncodedEvents.text(headers)
        idempotencyKey = event.idempotencyKey
        payload = event.payload
    }

    /// No less than all parts take together, in bytes: twelve lengths, three identifiers, three numbers, and the texts.
    var longest: Int {
        12 * 4 + 3 * EventID.textLength + 3 * DecimalText.longest + name.utf8.count + (orderingKey?.utf8.count ?? 0)
            + (emittedBy?.utf8.count ?? 0) + (headers?.count ?? 0) + (idempotencyKey?.utf8.count ?? 0) + payload.count
    }

    /// Writes all of it in the order of the columns.
    func write(to writer: inout PartWriter) {
        writer.add(id)
        writer.add(name)
        writer.add(schemaVersion)
        writer.add(orderingKey)
        writer.add(publishedAt)
        writer.add(correlationID)
        writer.add(causationID)
        writer.add(depth)
        writer.add(emittedBy)
        if let headers { headers.withUnsafeBytes { writer.add($0) } } else { writer.addAbsent() }
        writer.add(idempotencyKey)
        payload.withUnsafeBytes { writer.add($0) }
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

/// A row as it was encoded. Its bytes are not its own.
struct EncodedRow {
    var numbers: EncodedEvents.Numbers
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        numbers = bytes.loadUnaligned(as: EncodedEvents.Numbers.self)
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<EncodedEvents.Numbers>.size...])
    }

    var texts: EncodedTexts { EncodedTexts(bytes) }
}

/// The texts of a row, one after the other.
struct EncodedTexts {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    /// The next text, or `nil` for one that is absent.
    mutating func take() -> UnsafeRawBufferPointer? {
        let length = UInt32(littleEndian: rest.loadUnaligned(as: UInt32.self))
        guard length != RowChecksum.absent else {
            rest = UnsafeRawBufferPointer(rebasing: rest[4...])
            return nil
        }
        let end = 4 + Int(length)
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[end...]) }
        return UnsafeRawBufferPointer(rebasing: rest[4..<end])
    }
}
