//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CEventsSQLite
import Events
import Foundation
import Testing

@testable import EventsSQLite

/// A clock that goes when it is told to.
private final class HandClock: Sendable {
    private let time = Guarded(MonotonicTime(nanoseconds: 0))

    var now: MonotonicTime { time.withLock { $0 } }

    func advance(by duration: Duration) {
        time.withLock { $0 = $0.advanced(by: duration) }
    }
}

@Suite("The owner's socket", .timeLimit(.minutes(15)))
struct ControlServerTests {
    private let sandbox: FileSandbox
    private let address: ControlAddress

    init() throws {
        sandbox = try FileSandbox()
        address = ControlAddress(database: try DatabasePath(sandbox("log.db")).path)
    }

    /// Runs a server that answers each line with itself, for the duration of `body`.
    private func withServer(
        limits: ControlConnection.Limits = ControlConnection.Limits(), time: HandClock = HandClock(),
        answering: Bool = true, _ body: (ControlServer, Caller) async throws -> Void
    ) async throws {
        let server = try ControlServer(address, limits: limits, now: { time.now })
        let thread = LogThread()
        thread.run { server.run() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await call in server.calls where answering { server.answer(call.client, call.line ?? Array("too long".utf8)) }
            }
            do {
                try await body(server, Caller(address))
            } catch {
                server.stop()
                throw error
            }
            server.stop()
            try await group.waitForAll()
        }
        thread.stop()
    }

    private func echo(_ text: String, by peer: RawPeer) throws -> String {
        try peer.send(Array((text + "\n").utf8))
        return String(decoding: try peer.receiveLine(), as: UTF8.self)
    }

    @Test("the socket is this user's alone")
    func mode() async throws {
        try await withServer { _, _ in
            let status = try #require(try FileStatus(at: address.path))
            #expect(status.permissions & 0o777 == 0o600)
            #expect(status.kind == .other)
        }
    }

    @Test("a socket that a killed owner left is replaced, anything else in its place is left alone")
    func leftovers() async throws {
        // A socket that nobody listens at any more.
        _ = try ControlServer(address, now: { MonotonicTime(nanoseconds: 0) })
        try await withServer { _, caller in
            let answer = try await caller.perform { try echo("a", by: RawPeer(address)) }
            #expect(answer == "a")
        }
        #expect(events_file_remove(address.path) == 0)
        try Data("mine".utf8).write(to: URL(filePath: address.path))
        #expect(throws: SystemError.self) { try ControlServer(address, now: { MonotonicTime(nanoseconds: 0) }) }
        #expect(try String(contentsOfFile: address.path, encoding: .utf8) == "mine")
    }

    @Test("a client that dribbles is given up, and others are served meanwhile")
    func slow() async throws {
        let time = HandClock()
        try await withServer(time: time) { _, caller in
            try await caller.perform {
                let slow = try RawPeer(address)
                try slow.send(Array("never a whole li".utf8))
                #expect(try echo("quick", by: RawPeer(address)) == "quick")
                time.advance(by: .seconds(11))
                // The next to come finds the clock advanced.
                #expect(try echo("quick", by: RawPeer(address)) == "quick")
                try slow.waitForEnd()
            }
        }
    }

    @Test("a client that does not take its answer is given up")
    func deaf() async throws {
        let time = HandClock()
        try await withServer(time: time) { _, caller in
            try await caller.perform {
                let deaf = try RawPeer(address)
                // More than the system keeps on its way.
                try deaf.send([UInt8](repeating: 65, count: 1 << 20) + [10])
                #expect(try echo("quick", by: RawPeer(address)) == "quick")
                time.advance(by: .seconds(11))
                #expect(try echo("quick", by: RawPeer(address)) == "quick")
                try deaf.waitForEnd()
            }
        }
    }

    @Test("a line without an end is refused at its limit, and the client sent away")
    func endless() async throws {
        var limits = ControlConnection.Limits()
        limits.line = 1_000
        try await withServer(limits: limits) { _, caller in
            try await caller.perform {
                let peer = try RawPeer(address)
                try peer.send([UInt8](repeating: 65, count: 2_000))
                #expect(String(decoding: try peer.receiveLine(), as: UTF8.self) == "too long")
                try peer.waitForEnd()
            }
        }
    }

    @Test("of clients that want nothing, the oldest makes room for one that does")
    func crowd() async throws {
        try await withServer { _, caller in
            try await caller.perform {
                var idle: [RawPeer] = []
                for _ in 0..<ControlServer.clientLimit {
                    let peer = try RawPeer(address)
                    #expect(try echo("here", by: peer) == "here")
                    idle.append(peer)
                }
                #expect(try echo("late", by: RawPeer(address)) == "late")
                try idle[0].waitForEnd()
                #expect(try echo("still", by: idle[5]) == "still")
            }
        }
    }

    @Test("clients that ask and leave are answered nowhere, and hold up nobody for good")
    func fickle() async throws {
        try await withServer { _, caller in
            try await caller.perform {
                for _ in 0..<200 {
                    let peer = try RawPeer(address)
                    try peer.send(Array("gone\n".utf8))
                }
                #expect(try echo("here", by: RawPeer(address)) == "here")
            }
        }
    }

    @Test("a database whose name or directory is long has a socket all the same")
    func longNames() async throws {
        let folder = sandbox(String(repeating: "d", count: 120))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        for name in ["log.db", String(repeating: "n", count: 150)] {
            let address = ControlAddress(database: folder + "/" + name)
            let server = try ControlServer(address, now: { MonotonicTime(nanoseconds: 0) })
            #expect(try FileStatus(at: address.path) != nil)
            _ = try RawPeer(address)
            _ = server
        }
        let names = ["a", "b"].map { ControlAddress(database: "/x/" + String(repeating: $0, count: 150)).name }
        #expect(Set(names).count == 2)
    }
}
