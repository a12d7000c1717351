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

@testable import EventsSQLite

/// Calls the owner of a log from a thread of its own: the client blocks, and the pool's threads are for the bus.
actor Caller {
    private let thread = LogThread()
    private let address: ControlAddress
    private let isExpected: Bool

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameter isExpected: Whether somebody listens there, or will in a moment.
    init(_ address: ControlAddress, isExpected: Bool = true) {
        self.address = address
        self.isExpected = isExpected
    }

    deinit {
        thread.stop()
    }

    /// Asks the owner. Nobody listening is an error as well.
    func ask(_ change: ControlChange, reason: String = "") throws -> ControlResult {
        var client = try ControlClient(address)
        // The bus runs, or is about to; whoever calls one that does not listen says so.
        while client == nil, isExpected {
            // On a thread of its own, which would otherwise take a core from the bus.
            _ = poll(nil, 0, 2)
            client = try ControlClient(address)
        }
        guard let client else { throw ControlError(.refused, "nobody listens") }
        return try client.ask(ControlRequest(change, actor: "tester", reason: reason))
    }

    /// Says a line, whatever it is, and returns the answer.
    func say(_ line: [UInt8]) throws -> ControlReply {
        let peer = try RawPeer(address)
        try peer.send(line)
        return try JSONDecoder().decode(ControlReply.self, from: Data(peer.receiveLine()))
    }

    /// Does something that blocks.
    func perform<Value: Sendable>(_ body: @Sendable () throws -> Value) rethrows -> Value { try body() }
}
