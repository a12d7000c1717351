//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation
import Synchronization
import Testing

@testable import EventsSQLite

@Suite("The owner lock")
struct OwnerLockTests {
    private let sandbox: FileSandbox
    private let time = Date(timeIntervalSince1970: 1_750_000_000)
    private var path: String { sandbox("orders.db-lock") }

    init() throws { sandbox = try FileSandbox() }

    private func acquire(_ policy: OwnerPolicy = .fail) async throws -> OwnerLock {
        try await OwnerLock.acquire(path, policy: policy, time: time)
    }

    @Test("a second owner is refused, with the process of the first and the path")
    func refusal() async throws {
        let first = try await acquire()
        let failure = await #expect(throws: LogFailure.self) { _ = try await acquire() }
        #expect(failure?.reason == .owned)
        #expect(failure?.message.contains("pid \(ProcessInfo.processInfo.processIdentifier)") == true)
        #expect(failure?.message.contains("2025-06-15T15:06:40Z") == true)
        #expect(failure?.message.contains(sandbox("orders.db ")) == true)
        first.release()
    }

    @Test("a released lock can be taken again, and its file stays")
    func release() async throws {
        let first = try await acquire()
        first.release()
        first.release()
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(try sandbox.text(of: "orders.db-lock").isEmpty)
        let second = try await acquire()
        second.release()
    }

    @Test("a lock that nobody holds any more is given back")
    func deinitialisation() async throws {
        _ = try await acquire()
        let second = try await acquire()
        second.release()
    }

    @Test("what an earlier owner left in the file means nothing")
    func stale() async throws {
        try sandbox.write("pid 1\nsince the beginning of the world, which was long ago\n", to: "orders.db-lock")
        let lock = try await acquire()
        let text = try sandbox.text(of: "orders.db-lock")
        #expect(text == "pid \(ProcessInfo.processInfo.processIdentifier)\nsince 2025-06-15T15:06:40Z\n")
        lock.release()
    }

    @Test("the file is closed to other users")
    func mode() async throws {
        let lock = try await acquire()
        #expect(try sandbox.permissions(of: "orders.db-lock") == 0o600)
        lock.release()
    }

    @Test("who waits gets the lock when the owner lets go")
    func waiting() async throws {
        let first = try await acquire()
        let pauses = Atomic<Int>(0)
        let second = try await OwnerLock.acquire(path, policy: .wait(upTo: .seconds(60)), time: time) { _ in
            if pauses.add(1, ordering: .relaxed).newValue == 3 { first.release() }
        }
        #expect(pauses.load(ordering: .relaxed) == 3)
        second.release()
    }

    @Test("who waits is refused when the time is over")
    func waitingInVain() async throws {
        let first = try await acquire()
        let waited = Guarded(Duration.zero)
        let failure = await #expect(throws: LogFailure.self) {
            _ = try await OwnerLock.acquire(path, policy: .wait(upTo: .milliseconds(50)), time: time) { step in
                waited.withLock { $0 += step }
            }
        }
        #expect(failure?.reason == .owned)
        #expect(waited.withLock { $0 } == .milliseconds(50))
        first.release()
    }

    @Test("an owner that has not said who it is gets a moment to do so, and is named then")
    func unsigned() async throws {
        let first = try await acquire()
        try sandbox.write("", to: "orders.db-lock")
        let failure = await #expect(throws: LogFailure.self) {
            _ = try await OwnerLock.acquire(path, policy: .fail, time: time) { _ in
                try sandbox.write("pid 4711\n", to: "orders.db-lock")
            }
        }
        #expect(failure?.message.contains("pid 4711") == true)
        first.release()
    }

    @Test("an owner that never says who it is is refused all the same, within a second")
    func anonymous() async throws {
        let first = try await acquire()
        try sandbox.write("", to: "orders.db-lock")
        let waited = Guarded(Duration.zero)
        await #expect(throws: LogFailure.self) {
            _ = try await OwnerLock.acquire(path, policy: .fail, time: time) { step in waited.withLock { $0 += step } }
        }
        #expect(waited.withLock { $0 } < .seconds(1))
        first.release()
    }

    @Test("cancelling ends the wait")
    func cancelling() async throws {
        let first = try await acquire()
        let (path, time) = (path, time)
        let (pauses, pausing) = AsyncStream.makeStream(of: Void.self)
        let waiting = Task {
            try await OwnerLock.acquire(path, policy: .wait(upTo: .seconds(86_400)), time: time) { _ in
                pausing.yield()
                try await DispatchPause.wait(for: .seconds(86_400))
            }
        }
        for await _ in pauses { break }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        first.release()
    }

    @Test("the pause ends by itself")
    func pause() async throws {
        try await DispatchPause.wait(for: .milliseconds(1))
    }

    @Test("a lock file that was removed and made again is locked in its new place")
    func removed() async throws {
        let first = try await acquire()
        try FileManager.default.removeItem(atPath: path)
        let second = try await acquire()
        await #expect(throws: LogFailure.self) { _ = try await acquire() }
        first.release()
        second.release()
    }

    @Test("a symbolic link in the lock's place is not followed")
    func link() async throws {
        try sandbox.write("precious", to: "victim")
        try sandbox.link("orders.db-lock", to: "victim")
        let failure = await #expect(throws: LogFailure.self) { _ = try await acquire() }
        #expect(failure?.reason == .invalid)
        #expect(try sandbox.text(of: "victim") == "precious")
    }

    @Test("control characters in the file do not reach the message")
    func escapes() async throws {
        let first = try await acquire()
        try sandbox.write("pid 1\u{1B}[2J\u{202E}\n", to: "orders.db-lock")
        let failure = await #expect(throws: LogFailure.self) { _ = try await acquire() }
        #expect(failure?.message.contains("pid 1[2J") == true)
        #expect(failure?.message.contains("\u{1B}") == false)
        first.release()
    }
}
