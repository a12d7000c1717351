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

/// Takes requests at a socket, on a thread of its own, and hands them on.
///
/// Whatever a client does costs this thread's time and a bounded buffer, and nothing of the bus: lines are read as they come, up to a
/// length; who does not go on is given up; of those that wait for nothing the oldest makes room when there are too many.
final class ControlServer: Sendable {
    /// A request, and from whom.
    struct Call: Sendable {
        let client: Int
        /// The user at the other end, as the system says.
        let user: UInt32
        /// What was said; `nil` when it was more than may be.
        let line: [UInt8]?
    }

    private struct State {
        var isStopped = false
        var answers: [(client: Int, line: [UInt8])] = []
    }

    /// The most clients at a time.
    static let clientLimit = 16
    /// The most calls that are being answered. Those of clients that went away count until they are done.
    static let callLimit = 16

    let calls: AsyncStream<Call>
    private let continuation: AsyncStream<Call>.Continuation
    private let listener: Int32
    private let alarm: (inside: Int32, outside: Int32)
    private let limits: ControlConnection.Limits
    private let now: @Sendable () -> MonotonicTime
    private let state = Guarded(State())

    /// Listens. It is heard when ``run()`` runs.
    init(
        _ address: ControlAddress, limits: ControlConnection.Limits = ControlConnection.Limits(),
        now: @escaping @Sendable () -> MonotonicTime
    ) throws(SystemError) {
        var descriptor: Int32 = -1
        var pair: [Int32] = [-1, -1]
        try SystemError.check(events_socket_pair(&pair))
        let error = events_socket_listen(address.directory, address.name, &descriptor)
        guard error == 0 else {
            for descriptor in pair { events_file_close(descriptor) }
            throw SystemError(code: error)
        }
        listener = descriptor
        alarm = (pair[0], pair[1])
        self.limits = limits
        self.now = now
        // It holds no more than ``callLimit``.
        (calls, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    deinit {
        for descriptor in [listener, alarm.inside, alarm.outside] { events_file_close(descriptor) }
    }

    /// Answers a call. A client that has gone is not told.
    func answer(_ client: Int, _ line: [UInt8]) {
        state.withLock { $0.answers.append((client, line)) }
        wake()
    }

    /// Ends ``run()``.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    private func wake() {
        var byte: UInt8 = 0
        var count = 0
        // When there is no room, there is enough in it to wake the thread.
        _ = events_socket_send(alarm.outside, &byte, 1, &count)
    }

    // MARK: The thread

    private struct Client {
        let number: Int
        let descriptor: Int32
        let user: UInt32
        var connection: ControlConnection
    }

    /// Serves until ``stop()``. It blocks, and belongs on a thread of its own.
    func run() {
        var clients: [Client] = []
        var nextNumber = 0
        var openCalls = 0
        while true {
            let isFull = clients.count == Self.clientLimit && !clients.contains(where: \.connection.isIdle)
            var polled = [
                pollfd(fd: alarm.inside, events: Int16(POLLIN), revents: 0),
                // What is not watched is ignored, where it has a negative number.
                pollfd(fd: isFull ? -1 : listener, events: Int16(POLLIN), revents: 0),
            ]
            for client in clients {
                var events: Int16 = 0
                if client.connection.isListening, openCalls < Self.callLimit { events |= Int16(POLLIN) }
                if !client.connection.rest.isEmpty { events |= Int16(POLLOUT) }
                polled.append(pollfd(fd: client.descriptor, events: events, revents: 0))
            }
            _ = poll(&polled, nfds_t(polled.count), timeout(of: clients))
            drainAlarm()
            let (isStopped, answers) = state.withLock { state in
                defer { state.answers = [] }
                return (state.isStopped, state.answers)
            }
            if isStopped { break }
            let time = now()
            var gone: Set<Int> = []
            openCalls -= answers.count
            for (client, line) in answers {
                guard let index = clients.firstIndex(where: { $0.number == client }) else { continue }
                clients[index].connection.answer(line, at: time)
                if !tell(&clients[index], &openCalls, at: time) { gone.insert(client) }
            }
            for (index, entry) in polled.dropFirst(2).enumerated() where entry.revents != 0 {
                var client = clients[index]
                if !serve(&client, entry.revents, &openCalls, at: time) { gone.insert(client.number) }
                clients[index] = client
            }
            for client in clients where client.connection.deadline.map({ $0 <= time }) ?? false { gone.insert(client.number) }
            for client in clients where gone.contains(client.number) { events_file_close(client.descriptor) }
            clients.removeAll { gone.contains($0.number) }
            if !isFull { accept(&clients, &nextNumber, at: time) }
        }
        for client in clients { events_file_close(client.descriptor) }
        continuation.finish()
    }

    /// Until something has to be given up, in milliseconds; -1 is for ever.
    private func timeout(of clients: [Client]) -> Int32 {
        guard let first = clients.compactMap(\.connection.deadline).min() else { return -1 }
        let left = now().duration(to: first)
        guard left > .zero else { return 0 }
        return Int32(clamping: left.saturatingNanoseconds / 1_000_000 + 1)
    }

    private func drainAlarm() {
        var bytes = [UInt8](repeating: 0, count: 64)
        var count = 0
        while events_socket_receive(alarm.inside, &bytes, bytes.count, &count) == 0, count == bytes.count {}
    }

    private func accept(_ clients: inout [Client], _ nextNumber: inout Int, at time: MonotonicTime) {
        for _ in 0..<Self.clientLimit {
            if clients.count == Self.clientLimit {
                // Whoever has waited longest without wanting anything goes; the one that comes wants something.
                guard let idle = clients.firstIndex(where: \.connection.isIdle) else { return }
                events_file_close(clients.remove(at: idle).descriptor)
            }
            var descriptor: Int32 = -1
            guard events_socket_accept(listener, &descriptor) == 0 else { return }
            var user: UInt32 = 0
            // The mode keeps others out; where the system's own word differs from that, it counts.
            guard events_socket_peer(descriptor, &user) == 0, user == UInt32(geteuid()) || user == 0 else {
                events_file_close(descriptor)
                continue
            }
            nextNumber += 1
            clients.append(
                Client(
                    number: nextNumber, descriptor: descriptor, user: user,
                    connection: ControlConnection(limits: limits, at: time)))
        }
    }

    /// Does what a client's socket is ready for. `false` when it is over.
    private func serve(
        _ client: inout Client, _ events: Int16, _ openCalls: inout Int, at time: MonotonicTime
    ) -> Bool {
        if client.connection.isListening, events & Int16(POLLIN | POLLHUP) != 0 {
            if openCalls >= Self.callLimit { return events & Int16(POLLHUP) == 0 }
            var bytes = [UInt8](repeating: 0, count: 16_384)
            var count = 0
            let error = events_socket_receive(client.descriptor, &bytes, bytes.count, &count)
            if error == EAGAIN { return true }
            guard error == 0, count > 0 else { return false }
            hand(on: client.connection.receive(bytes[..<count], at: time), from: client, &openCalls)
            return true
        }
        if events & Int16(POLLERR | POLLNVAL) != 0 { return false }
        if events & Int16(POLLHUP) != 0, !client.connection.isListening { return false }
        return tell(&client, &openCalls, at: time)
    }

    /// Sends what there is room for. `false` when it is over.
    private func tell(_ client: inout Client, _ openCalls: inout Int, at time: MonotonicTime) -> Bool {
        while !client.connection.rest.isEmpty {
            var count = 0
            let error = client.connection.rest.withUnsafeBytes {
                events_socket_send(client.descriptor, $0.baseAddress, $0.count, &count)
            }
            if error == EAGAIN { return true }
            guard error == 0 else { return false }
            guard let next = client.connection.sent(count, at: time) else { return false }
            hand(on: next, from: client, &openCalls)
        }
        return true
    }

    private func hand(on input: ControlConnection.Input, from client: Client, _ openCalls: inout Int) {
        switch input {
        case .none: return
        case .line(let line): continuation.yield(Call(client: client.number, user: client.user, line: line))
        case .tooLong: continuation.yield(Call(client: client.number, user: client.user, line: nil))
        }
        openCalls += 1
    }
}
