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

/// The right to write to a log, held by one owner at a time.
///
/// It is an `flock` on a file beside the database. The kernel gives it back when the process ends, however it ends, so there is
/// nothing to time out and nothing to clean up. The file stays: if an owner removed it, a second one could lock the removed file
/// while a third locks a new one. What it says about its owner is for people, and means nothing while nobody holds the lock.
final class OwnerLock: Sendable {
    /// How often somebody who waits asks again.
    static let interval = Duration.milliseconds(20)

    /// How often the policy `fail` asks again when the owner has not yet written who it is: 200 ms in all.
    private static let patience = 10

    /// The lock file's path.
    let path: String
    private let descriptor: Guarded<Int32?>

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = Guarded(descriptor)
    }

    deinit {
        release()
    }

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - path: The lock file, made with mode 0600 if there is none.
    ///   - policy: What to do while somebody else has it.
    ///   - time: The time of day, for the note that people read.
    ///   - pause: Waits between two tries; throws when the task is cancelled.
    /// - Throws: `LogFailure`: `owned`, with the owner's process, when somebody else has it to the end; else what prevents locking.
    ///   `CancellationError` when the task is cancelled while it waits.
    static func acquire(
        _ path: String, policy: OwnerPolicy, time: Date,
        pause: @Sendable (Duration) async throws -> Void = { try await DispatchPause.wait(for: $0) }
    ) async throws -> OwnerLock {
        var waited = Duration.zero
        while true {
            let owner: String?
            switch try attempt(path, time: time) {
            case .taken(let lock): return lock
            case .held(let holder): owner = holder
            }
            let limit =
                switch policy {
                case .fail: owner == nil ? interval * patience : .zero
                case .wait(let limit): limit
                }
            guard waited < limit else { throw refusal(path, owner: owner, waited: waited) }
            let step = min(interval, limit - waited)
            try await pause(step)
            waited += step
        }
    }

    /// Gives the lock back. Safe to call more than once.
    func release() {
        let descriptor = descriptor.withLock { $0.take() }
        guard let descriptor else { return }
        // Nobody owns it from here on, so nobody should be named.
        _ = events_file_replace(descriptor, nil, 0)
        events_file_close(descriptor)
    }

    // MARK: One try

    private enum Attempt {
        case taken(OwnerLock)
        /// By whom, as far as the file says.
        case held(by: String?)
    }

    private static func attempt(_ path: String, time: Date) throws(LogFailure) -> Attempt {
        do {
            // Once more whenever the file that was locked is not the one that others will find: somebody removed it meanwhile.
            for _ in 0..<100 {
                let descriptor = try open(path)
                let error = SystemError(code: events_file_lock(descriptor))
                guard error.code == 0 else {
                    defer { events_file_close(descriptor) }
                    guard error.isLockedElsewhere else { throw error }
                    return .held(by: owner(in: descriptor))
                }
                let lock = OwnerLock(path: path, descriptor: descriptor)
                let opened = try FileStatus(ofDescriptor: descriptor)
                guard opened.kind == .regular else {
                    throw LogFailure(.invalid, "\(path) is not a regular file; remove it, the log keeps its lock there")
                }
                guard try FileStatus(at: path)?.identity == opened.identity else { continue }
                try sign(descriptor, time: time)
                return .taken(lock)
            }
        } catch let error as SystemError {
            throw error.failure("lock", path)
        } catch let error as LogFailure {
            throw error
        } catch {
            throw LogFailure(.io, "could not lock \(path): \(error)")
        }
        throw LogFailure(.lost, "\(path) is replaced again and again while it is being locked; find out by whom")
    }

    private static func open(_ path: String) throws(SystemError) -> Int32 {
        var descriptor: Int32 = -1
        let error = SystemError(code: events_file_open(path, true, &descriptor))
        if error.code == 0 { return descriptor }
        guard error.isMissing else { throw error }
        let creation = SystemError(code: events_file_create(path, &descriptor))
        if creation.code == 0 { return descriptor }
        // Somebody else made it between the two calls.
        guard creation.isExisting else { throw creation }
        try SystemError.check(events_file_open(path, true, &descriptor))
        return descriptor
    }

    private static func sign(_ descriptor: Int32, time: Date) throws(SystemError) {
        let text = "pid \(ProcessInfo.processInfo.processIdentifier)\nsince \(time.formatted(.iso8601))\n"
        let bytes = [UInt8](text.utf8)
        let error = SystemError(code: events_file_replace(descriptor, bytes, bytes.count))
        // The lock holds without its note; a full disk must not keep a log from being opened and read.
        guard error.code == 0 || error.isFull else { throw error }
    }

    /// What the owner wrote, on one line; `nil` when it has not written anything yet.
    private static func owner(in descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 200)
        var count = 0
        guard events_file_read(descriptor, &bytes, bytes.count, &count) == 0, count > 0 else { return nil }
        // The file may hold anything, and the text ends up in terminals.
        let lines = bytes.prefix(count).split(separator: UInt8(ascii: "\n"))
        return lines.map { line in String(decoding: line.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self) }
            .joined(separator: ", ")
    }

    private static func refusal(_ path: String, owner: String?, waited: Duration) -> LogFailure {
        let database = path.hasSuffix("-lock") ? String(path.dropLast(5)) : path
        // In another container the number may be the same, so nothing more can be said.
        let isOwnNumber = owner?.hasPrefix("pid \(ProcessInfo.processInfo.processIdentifier),") == true
        let who =
            owner.map { "another owner (\($0)\(isOwnNumber ? "; this process has that pid" : ""))" }
            ?? "another owner, which has not said who it is"
        let howLong = waited > .zero ? " and still was after \(waited)" : ""
        let advice = "stop that one first" + (waited > .zero ? "" : ", or open it with ifOwned: .wait(upTo:)")
        return LogFailure(
            .owned, "the log \(database) is open for writing by \(who)\(howLong); \(advice). The lock is \(path)")
    }
}
