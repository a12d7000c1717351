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

@testable import EventsSQLite

/// A client that may say anything, at any pace. It blocks.
final class RawPeer {
    let descriptor: Int32
    private var received: [UInt8] = []

    init(_ address: ControlAddress) throws {
        var descriptor: Int32 = -1
        var error = events_socket_connect(address.directory, address.name, &descriptor)
        // The crowd before it, or the bus that is about to listen.
        while error == EAGAIN || error == ENOENT || error == ECONNREFUSED {
            _ = poll(nil, 0, 2)
            error = events_socket_connect(address.directory, address.name, &descriptor)
        }
        try SystemError.check(error)
        self.descriptor = descriptor
    }

    deinit {
        events_file_close(descriptor)
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            var count = 0
            let error = rest.withUnsafeBytes { events_socket_send(descriptor, $0.baseAddress, $0.count, &count) }
            if error == EAGAIN { wait(for: Int16(POLLOUT)) } else { try SystemError.check(error) }
            rest = rest.dropFirst(count)
        }
    }

    /// A line, without its end; what there was when the other side hung up.
    func receiveLine() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            if let end = received.firstIndex(of: 10) {
                defer { received.removeSubrange(...end) }
                return Array(received[..<end])
            }
            var count = 0
            let error = events_socket_receive(descriptor, &bytes, bytes.count, &count)
            if error == EAGAIN {
                wait(for: Int16(POLLIN))
            } else if error != 0 || count == 0 {
                return received
            }
            received += bytes[..<count]
        }
    }

    /// Waits until the other side has hung up.
    func waitForEnd() throws {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            var count = 0
            let error = events_socket_receive(descriptor, &bytes, bytes.count, &count)
            if error == EAGAIN { wait(for: Int16(POLLIN)) } else if error != 0 || count == 0 { return }
        }
    }

    private func wait(for events: Int16) {
        var polled = pollfd(fd: descriptor, events: events, revents: 0)
        _ = poll(&polled, 1, 30_000)
    }
}
