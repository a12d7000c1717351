//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
package import Events

/// Notes what is running in a file mapped into memory, so that the notes outlive the process, though not the machine.
///
/// A note is a few stores to memory: no commit, no sync, no system call. The kernel keeps the pages when the process is killed.
/// Slots may be written by different threads at the same time, one slot by one thread at a time.
///
/// Opening puts a new file in the place of the old one. So an older recorder in this process, whose abandoned handlers may still
/// end, cannot touch the new one's notes.
package final class FlightRecorder: Sendable {
    /// A delivery that was running.
    package struct Note: Sendable, Hashable {
        package let subscription: SubscriptionKey
        package let offset: Offset
    }

    /// The file: a header of one slot's size, then the slots, all numbers of 8 bytes in the machine's own order.
    /// Header: `magic`, version, count of slots, then zeros.
    private enum Layout {
        static let magic: Int64 = 0x4556_4E54_464C_5431  // "EVNTFLT1"
        static let version: Int64 = 1
        /// A cache line, so that two workers do not slow each other down.
        static let slotSize = 64
        static let mostSlots = 65_536

        static func size(slots: Int) -> Int { slotSize * (slots + 1) }
    }

    private let epoch: Int64
    private let count: Int
    /// The mapped file. It stays mapped as long as anybody holds the recorder, however late a note comes.
    // Each slot is written by one thread at a time and with atomic stores; the header never changes.
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer

    /// Begins with no notes.
    ///
    /// - Parameters:
    ///   - path: The side file; what is there is replaced.
    ///   - epoch: The epoch that the notes belong to.
    ///   - slots: How many deliveries can run at once: at least 1, at most 65,536.
    /// - Throws: `LogFailure`: `full` when there is no room for it, else what the system says.
    init(path: String, epoch: Int64, slots: Int) throws(LogFailure) {
        self.epoch = epoch
        count = min(max(slots, 1), Layout.mostSlots)
        do {
            base = try Self.map(path, size: Layout.size(slots: count))
        } catch {
            throw error.failure("prepare the flight recorder", path)
        }
        base.storeBytes(of: Layout.version, toByteOffset: 8, as: Int64.self)
        base.storeBytes(of: Int64(count), toByteOffset: 16, as: Int64.self)
        base.storeBytes(of: Layout.magic, as: Int64.self)
    }

    deinit {
        events_file_unmap(base, Layout.size(slots: count))
    }

    private static func map(_ path: String, size: Int) throws(SystemError) -> UnsafeMutableRawPointer {
        let removal = SystemError(code: events_file_remove(path))
        guard removal.code == 0 || removal.isMissing else { throw removal }
        var descriptor: Int32 = -1
        try SystemError.check(events_file_create(path, &descriptor))
        defer { events_file_close(descriptor) }
        var address: UnsafeMutableRawPointer?
        try SystemError.check(events_file_map(descriptor, size, &address))
        guard let address else { throw SystemError(code: 0) }
        return address
    }

    /// Notes that a delivery is about to run. Slots that do not exist are ignored.
    func noteStart(slot: Int, subscription: SubscriptionKey, offset: Offset) {
        guard let address = address(of: slot) else { return }
        events_flight_start(address, epoch, subscription.rawValue, offset.rawValue)
    }

    /// Notes that what ran in a slot has ended.
    func noteEnd(slot: Int) {
        guard let address = address(of: slot) else { return }
        events_flight_end(address)
    }

    /// Forgets all notes: the log was given up in good order, so whatever still runs has not ended the process.
    func clear() {
        for slot in 0..<count { noteEnd(slot: slot) }
    }

    private func address(of slot: Int) -> UnsafeMutablePointer<Int64>? {
        guard slot >= 0, slot < count else { return nil }
        return (base + Layout.slotSize * (slot + 1)).assumingMemoryBound(to: Int64.self)
    }
}

extension FlightRecorder {
    /// Reads what an earlier process left: the deliveries that ran when it ended. To be read before a new recorder is made.
    ///
    /// A file that is missing, cut off, of another kind or of another epoch has no notes; it is never an error, because all that
    /// it costs is one count of a crash.
    package static func notes(at path: String, ofEpoch epoch: Int64) -> [Note] {
        guard let bytes = contents(of: path), bytes.count >= Layout.slotSize else { return [] }
        return bytes.withUnsafeBytes { bytes in
            func number(_ position: Int) -> Int64 { bytes.loadUnaligned(fromByteOffset: position, as: Int64.self) }
            guard number(0) == Layout.magic, number(8) == Layout.version else { return [] }
            let count = number(16)
            guard count > 0, count <= Layout.mostSlots, bytes.count == Layout.size(slots: Int(count)) else { return [] }
            var notes: [Note] = []
            var seen: Set<Note> = []
            for slot in 1...Int(count) {
                let start = slot * Layout.slotSize
                let (subscription, offset) = (number(start + 8), number(start + 16))
                guard number(start) == epoch, subscription > 0, offset > 0 else { continue }
                let note = Note(subscription: SubscriptionKey(rawValue: subscription), offset: Offset(rawValue: offset))
                if seen.insert(note).inserted { notes.append(note) }
            }
            return notes
        }
    }

    /// The file's bytes, read into memory of our own: a map of a file that somebody cuts off kills the process that reads it.
    private static func contents(of path: String) -> [UInt8]? {
        var descriptor: Int32 = -1
        guard events_file_open(path, false, &descriptor) == 0 else { return nil }
        defer { events_file_close(descriptor) }
        guard let status = try? FileStatus(ofDescriptor: descriptor), status.kind == .regular else { return nil }
        // One byte more than the largest file of ours tells a larger one.
        let capacity = Layout.size(slots: Layout.mostSlots) + 1
        guard status.size < Int64(capacity) else { return nil }
        var isRead = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.size)) { buffer, count in
            isRead = events_file_read(descriptor, buffer.baseAddress, buffer.count, &count) == 0
        }
        return isRead ? bytes : nil
    }
}
