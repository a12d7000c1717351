//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CEventsFaultVFS
import CSQLite
import Foundation

/// A disk for tests that fails when told to, and can lose power at any moment: a VFS of SQLite over the real files.
///
/// ```swift
/// let disk = try FaultyDisk()
/// let connection = try Connection(path: path, mode: .readWrite, vfs: disk.name)
/// …                                                   // work, and note disk.position at each acknowledgement
/// for position in 0...disk.position {
///     try disk.crash(at: position, keeping: .some, seed: 1, into: directory)
///     …                                               // open the files there without the disk and compare
/// }
/// ```
///
/// Nothing is really synced. What it assumes of disks is written in `CEventsFaultVFS.h`. No connection may outlive it.
// The C part locks; the hook is set before there are other threads.
final class FaultyDisk: @unchecked Sendable {
    /// What SQLite asks a disk to do.
    struct Calls: OptionSet, Sendable {
        let rawValue: UInt32
        static let open = Calls(rawValue: UInt32(FAULT_OPEN))
        static let read = Calls(rawValue: UInt32(FAULT_READ))
        static let write = Calls(rawValue: UInt32(FAULT_WRITE))
        /// Writes that make their file longer. They are writes too.
        static let grow = Calls(rawValue: UInt32(FAULT_GROW))
        static let sync = Calls(rawValue: UInt32(FAULT_SYNC))
        static let truncate = Calls(rawValue: UInt32(FAULT_TRUNCATE))
        static let size = Calls(rawValue: UInt32(FAULT_SIZE))
        static let lock = Calls(rawValue: UInt32(FAULT_LOCK))
        static let sharedMemory = Calls(rawValue: UInt32(FAULT_SHARED_MEMORY))
        static let delete = Calls(rawValue: UInt32(FAULT_DELETE))
        static let access = Calls(rawValue: UInt32(FAULT_ACCESS))
        static let any = Calls(rawValue: UInt32(FAULT_ANY_CALL))
    }

    /// What a file is to SQLite.
    struct Files: OptionSet, Sendable {
        let rawValue: UInt32
        static let database = Files(rawValue: UInt32(FAULT_DATABASE))
        static let wal = Files(rawValue: UInt32(FAULT_WAL))
        static let journal = Files(rawValue: UInt32(FAULT_JOURNAL))
        static let any = Files(rawValue: UInt32(FAULT_ANY_FILE))
    }

    /// What a power loss leaves of what was not synced.
    enum Survival: CaseIterable, Sendable {
        case nothing
        /// What the end of the process alone leaves.
        case everything
        /// The disk worked in order and stopped somewhere, in the middle of a write perhaps.
        case prefix
        /// Whole files, writes or sectors, in no order.
        case some
    }

    /// What `Connection` takes as its VFS.
    let name: String
    private let disk: OpaquePointer
    private var hook: Hook?

    init() throws {
        name = "faulty-\(UUID().uuidString)"
        guard let disk = fault_vfs_register(name) else { throw CocoaError(.featureUnsupported) }
        self.disk = disk
    }

    deinit {
        fault_vfs_unregister(disk)
    }

    // MARK: Failing

    /// From now on, lets `count` of these calls succeed and fails the next one, or all later ones until ``heal()``.
    ///
    /// `SQLITE_IOERR` becomes the extended code that fits the call. `isPartial` makes a write that fails leave its first half.
    func fail(
        _ calls: Calls, on files: Files = .any, after count: Int = 0, with code: Int32 = SQLITE_IOERR,
        forGood isSticky: Bool = false,
        isPartial: Bool = false
    ) {
        let fault = fault_vfs_fault(
            calls: calls.rawValue, files: files.rawValue, after: UInt64(count), code: code, is_sticky: isSticky,
            is_partial: isPartial)
        fault_vfs_fail(disk, fault)
    }

    /// From now on nothing fails.
    func heal() { fault_vfs_heal(disk) }

    /// How many calls failed because they were told to.
    var failures: Int { Int(fault_vfs_failures(disk)) }

    /// How many calls of these kinds there were.
    func calls(_ calls: Calls, on files: Files = .any) -> Int {
        Int(fault_vfs_calls(disk, calls.rawValue, files.rawValue))
    }

    /// Runs `body` before each call is carried out, on its thread; it may block. To be set before the disk is used.
    func beforeCalls(_ body: @escaping @Sendable (Calls, Files) -> Void) {
        let hook = Hook(body)
        self.hook = hook
        fault_vfs_set_hook(
            disk,
            { context, call, file in
                guard let context else { return }
                Unmanaged<Hook>.fromOpaque(context).takeUnretainedValue().body(Calls(rawValue: call), Files(rawValue: file))
            }, Unmanaged.passUnretained(hook).toOpaque())
    }

    private final class Hook: Sendable {
        let body: @Sendable (Calls, Files) -> Void
        init(_ body: @escaping @Sendable (Calls, Files) -> Void) { self.body = body }
    }

    // MARK: Losing power

    /// How many operations were recorded. A power loss at a position comes before the operation of that number, from 0.
    var position: Int { Int(fault_vfs_position(disk)) }

    /// How many writes and truncations are not synced at a position. With 0 all ways to survive are one.
    func unsynced(at position: Int) -> Int { Int(fault_vfs_unsynced(disk, UInt64(position))) }

    /// Makes the files as they are found after a power loss, in a directory that exists, under their own names. It removes what
    /// SQLite left of them there before. Rising positions are cheap.
    func crash(at position: Int, keeping survival: Survival, seed: Int = 0, into directory: String) throws {
        let kept =
            switch survival {
            case .nothing: FAULT_KEEP_NOTHING
            case .everything: FAULT_KEEP_EVERYTHING
            case .prefix: FAULT_KEEP_PREFIX
            case .some: FAULT_KEEP_SOME
            }
        let error = fault_vfs_crash(disk, UInt64(position), kept, UInt64(bitPattern: Int64(seed)), directory)
        guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EIO) }
    }

    /// All the ways a power loss at a position can end that are worth trying: one where nothing was unsynced, otherwise the two
    /// ends and `samples` each of what lies between.
    func endings(at position: Int, samples: Int) -> [(survival: Survival, seed: Int)] {
        guard unsynced(at: position) > 0 else { return [(.nothing, 0)] }
        let between = (0..<samples).flatMap { sample in
            [(Survival.prefix, position &* 1_000 &+ sample), (Survival.some, position &* 1_000 &+ sample)]
        }
        return [(.nothing, 0), (.everything, 0)] + between
    }
}
