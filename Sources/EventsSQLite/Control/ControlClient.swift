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

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Asks the owner of a log at its socket. It blocks, with a limit.
package final class ControlClient {
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// The longest answer, in bytes.
    private static let longestAnswer = 8 << 20

    /// Connects; `nil` when nobody listens there.
    ///
    /// - Parameter patience: How long to try while there is a crowd at the socket.
    package init?(_ address: ControlAddress, patience: Duration = .seconds(5)) throws(ControlError) {
        var descriptor: Int32 = -1
        let deadline = ContinuousClock.now.advanced(by: patience)
        var error = events_socket_connect(address.directory, address.name, &descriptor)
        while error == EAGAIN, ContinuousClock.now < deadline {
            _ = poll(nil, 0, 10)
            error = events_socket_connect(address.directory, address.name, &descriptor)
        }
        switch error {
        case 0:
            self.descriptor = descriptor
            // In a directory that others can write to, anybody could listen at that name while the service is not there.
            var user: UInt32 = 0
            let mine = UInt32(geteuid())
            guard events_socket_peer(descriptor, &user) == 0, user == mine || user == 0 || mine == 0 else {
                throw ControlError(
                    .refused, "at the socket \(address.path) listens another user (uid \(user)), which is not asked for anything")
            }
        case ENOENT, ECONNREFUSED, ENOTDIR, ENOTSOCK, ENAMETOOLONG: return nil
        case EACCES, EPERM:
            throw ControlError(
                .refused, "the socket \(address.path) belongs to another user; run the command as the user that runs the service")
        case let code:
            throw ControlError(.failed, "could not connect to \(address.path): \(SystemError(code: code).text)")
        }
    }

    deinit {
        events_file_close(descriptor)
    }

    /// Asks, and waits for the answer.
    ///
    /// - Parameter limit: How long to wait. A change may be made all the same when that is over.
    package func ask(_ request: ControlRequest, limit: Duration = .seconds(30)) throws(ControlError) -> ControlResult {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try JSONEncoder().encode(request)) + [UInt8(ascii: "\n")]
        } catch {
            throw ControlError(.invalid, "the request could not be written: \(error)")
        }
        let deadline = ContinuousClock.now.advanced(by: limit)
        try send(bytes, until: deadline)
        let line = try receiveLine(until: deadline)
        guard let reply = try? JSONDecoder().decode(ControlReply.self, from: Data(line)) else {
            throw ControlError(.unsupported, "the owner of the log gave an answer that this version does not understand")
        }
        if let error = reply.error { throw error }
        guard let result = reply.result else {
            throw ControlError(.unsupported, "the owner of the log gave an empty answer")
        }
        return result
    }

    private func send(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(ControlError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            var count = 0
            let error = rest.withUnsafeBytes { events_socket_send(descriptor, $0.baseAddress, $0.count, &count) }
            if error == EAGAIN {
                try wait(for: POLLOUT, until: deadline)
            } else if error != 0 {
                throw Self.lost(SystemError(code: error).text)
            }
            rest = rest.dropFirst(count)
        }
    }

    private func receiveLine(until deadline: ContinuousClock.Instant) throws(ControlError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeSubrange(...end) }
                return Array(received[..<end])
            }
            guard received.count <= Self.longestAnswer else {
                throw ControlError(.unsupported, "the owner of the log gave an answer that is too long")
            }
            var count = 0
            let error = events_socket_receive(descriptor, &bytes, bytes.count, &count)
            if error == EAGAIN {
                try wait(for: POLLIN, until: deadline)
            } else if error != 0 || count == 0 {
                throw Self.lost(error == 0 ? "it hung up" : SystemError(code: error).text)
            }
            received.append(contentsOf: bytes[..<count])
        }
    }

    private func wait(for events: some BinaryInteger, until deadline: ContinuousClock.Instant) throws(ControlError) {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else {
            throw ControlError(
                .failed, "the owner of the log did not answer in time; what was asked for may be done all the same")
        }
        var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        _ = poll(&polled, 1, Int32(clamping: left.saturatingNanoseconds / 1_000_000 + 1))
    }

    private static func lost(_ why: String) -> ControlError {
        ControlError(
            .failed, "the owner of the log was lost before it answered (\(why)); what was asked for may be done all the same")
    }
}
