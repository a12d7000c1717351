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

    init() {}

    init(_ events: [LogEvent]) {
        rows.reserveCapacity(events.count)
        bytes.reserveCapacity(events.count * 224)
        for event in events { add(event) }
    }

    mutating func add(_ event: LogEvent) {
        let start = bytes.count
        let publishedAt = event.publishedAt.microseconds
        add(event.id)
        add(event.name)
        add(Int64(event.schemaVersion))
        add(event.orderingKey)
        add(publishedAt)
        add(event.correlationID)
        add(event.causationID)
        add(Int64(event.depth))
        add(event.emittedBy)
        if event.headers.isEmpty { addAbsent() } else { addPart(Self.text(event.headers)) }
        add(event.idempotencyKey)
        addLength(UInt32(truncatingIfNeeded: event.payload.count))
        var checksum = bytes.withUnsafeBytes { all in
            events_crc32c(0, all.baseAddress.map { $0 + start }, all.count - start)
        }
        checksum = event.payload.withUnsafeBytes { events_crc32c(checksum, $0.baseAddress, $0.count) }
        rows.append(Row(start: start, publishedAt: publishedAt, partsChecksum: checksum))
    }

    /// Headers as the log keeps them: a JSON object with its names in order.
    static func text(_ headers: [String: String]) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A dictionary of texts always has a JSON form.
        return (try? encoder.encode(headers)) ?? Data("{}".utf8)
    }

    private mutating func add(_ id: EventID?) {
        guard let id else { return addAbsent() }
        id.withASCII { addPart($0) }
    }

    private mutating func add(_ text: String?) {
        guard var text else { return addAbsent() }
        text.withUTF8 { addPart($0) }
    }

    private mutating func add(_ number: Int64) {
        DecimalText.withBytes(of: number) { addPart($0) }
    }

    private mutating func addAbsent() {
        addLength(RowChecksum.absent)
    }

    private mutating func addPart(_ part: some Collection<UInt8>) {
        addLength(UInt32(truncatingIfNeeded: part.count))
        bytes.append(contentsOf: part)
    }

    private mutating func addLength(_ length: UInt32) {
        withUnsafeBytes(of: length.littleEndian) { bytes.append(contentsOf: $0) }
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
