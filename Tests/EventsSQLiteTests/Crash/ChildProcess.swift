//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A program that runs beside the test and is read line by line. Its functions block, so a test calls them on a thread of its own.
final class ChildProcess {
    /// How it ended.
    enum End: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    private let id: pid_t
    private let output: Int32
    private var unread: [UInt8] = []
    private var isAtEnd = false

    /// Starts a program. What it writes to standard error goes to the test's.
    init(_ path: String, _ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        // Another child that is started meanwhile must not keep this one's output open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        output = ends[0]
        defer { close(ends[1]) }
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let error = posix_spawn(&id, path, &actions, nil, &words, environ)
        guard error == 0 else {
            close(ends[0])
            throw POSIXError(POSIXErrorCode(rawValue: error) ?? .ENOENT)
        }
        self.id = id
    }

    deinit {
        close(output)
    }

    /// The next whole line; `nil` when the time is up or there is none any more.
    func line(within milliseconds: Int32) -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            guard !isAtEnd else { return nil }
            var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let count = poll(&ready, 1, milliseconds)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let length = read(output, &bytes, bytes.count)
            if length < 0, errno == EINTR { continue }
            guard length > 0 else {
                isAtEnd = true
                return nil
            }
            unread += bytes[..<length]
        }
    }

    /// Whether it has closed its output, as its end does.
    var hasEnded: Bool { isAtEnd }

    /// Ends it as a crash would.
    func kill() {
        #if canImport(Darwin)
        Darwin.kill(id, SIGKILL)
        #elseif canImport(Musl)
        Musl.kill(id, SIGKILL)
        #else
        Glibc.kill(id, SIGKILL)
        #endif
    }

    /// Waits until it has ended. To be called once.
    func wait() -> End {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
    }

    /// Runs what blocks away from the threads that all tests share.
    static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    /// A program of this package, where the build puts it: beside the tests.
    static func built(_ name: String) -> String? {
        #if canImport(Darwin)
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
        let folder = bundle.bundleURL.deletingLastPathComponent()
        #else
        let folder = Bundle.main.bundleURL
        #endif
        let path = folder.appendingPathComponent(name).path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// A program that the system has.
    static func installed(_ name: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
