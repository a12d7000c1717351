//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite
import Foundation
import Testing

@testable import EventsOperations

/// The command, run as a program beside a service that has the log open.
@Suite("The command on a live bus", .timeLimit(.minutes(10)))
struct LiveBusCommandTests {
    /// Runs the command until it says something, however its lines are broken: what a bus has in memory, or has just committed, is a
    /// moment old.
    @discardableResult
    private func wait(for text: String, from arguments: [String], _ log: String) async throws -> Eventbus.Result {
        for _ in 0..<400 {
            let result = try await Eventbus.run(arguments, log: log)
            if result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(text) { return result }
        }
        let last = try await Eventbus.run(arguments, log: log)
        Issue.record("\(arguments) never says '\(text)': \(last.output)\(last.errors)")
        return last
    }

    /// Waits until the bus answers at its socket.
    private func waitForOwner(_ log: String) async throws {
        let operations = BusOperations(database: log)
        while true {
            if case .running = try await operations.owner() { return }
            await Task.yield()
        }
    }

    @Test("a letter is sent back and handled while the service runs")
    func retry() async throws {
        let folder = try await Shop.copy()
        try await Shop.run(folder.log) { bus in
            let result = try await wait(for: "sent back mail/1", from: ["dlq", "retry", "mail/1", "-r", "fixed"], folder.log)
            #expect(result.status == 0)
            while await bus.statistics().subscriptions["mail"]?.completed != 3 { await Task.yield() }
            let why = try await wait(for: "mail: completed", from: ["why", "mail/2"], folder.log)
            #expect(why.status == 0)
            let audit = try await Eventbus.run(["audit", "--json"], log: folder.log)
            #expect(audit.objects.first?["actor"] as? String == "tester (uid \(geteuid()))")
            #expect(audit.objects.first?["reason"] as? String == "fixed")
        }
        #expect(try await Eventbus.run(["verify"], log: folder.log).status == 0)
    }

    @Test("changes that cannot be are refused by the running service, with the same statuses as without one")
    func refusals() async throws {
        let folder = try await Shop.copy()
        try await Shop.run(folder.log) { _ in
            try await waitForOwner(folder.log)
            for (arguments, status, text) in [
                (["dlq", "retry", "mail/9"], 3, "there is no dead letter mail/9"),
                (["dlq", "discard", "mail/9", "-r", "x"], 3, "there is no dead letter"),
                (["dlq", "edit", "mail/9", "--set", "/a=1"], 3, "there is no dead letter"),
                (["dlq", "edit", "mail/1", "--set", "/quantity=\"two\""], 1, "could not read the event with this"),
                (["dlq", "edit", "mail/1", "--set", "/customer/x=1"], 1, "leads nowhere"),
                (["dlq", "apply", "5", "--yes"], 3, "there is no plan 5"), (["dlq", "cancel", "5"], 3, "there is no plan 5"),
            ] as [([String], Int32, String)] {
                let result = try await Eventbus.run(arguments, log: folder.log)
                #expect(
                    result.status == status && result.errors.contains(text), "\(arguments): \(result.status) \(result.errors)")
            }
        }
    }

    @Test("bulk changes, edits and plans go through the running service")
    func bulk() async throws {
        let folder = try await Shop.copy()
        try await Shop.run(folder.log) { bus in
            try await waitForOwner(folder.log)
            let edited = try await Eventbus.run(["dlq", "edit", "audit/10", "--set", "/quantity=7"], log: folder.log)
            #expect(edited.status == 0, "\(edited.errors)")
            let letter = try await bus.deadLetters.show(DeadLetter.ID(subscription: "audit", offset: Offset(rawValue: 10)))
            #expect((letter.event as? Shop.Placed)?.quantity == 7)
            #expect(
                try await Eventbus.run(["dlq", "discard", "-s", "audit", "--yes", "-r", "void"], log: folder.log).status == 0)
            #expect(try await Eventbus.run(["dlq", "plan", "--all"], log: folder.log).output.contains("plan 1 has 1 letter"))
            let applied = try await Eventbus.run(["dlq", "apply", "1", "--rate", "1000/s", "--yes"], log: folder.log)
            #expect(applied.output.contains("is under way"))
            let status = try await wait(for: "done: every letter came to something", from: ["dlq", "status", "1"], folder.log)
            #expect(status.output.contains("completed"))
        }
    }

    @Test("why tells what runs, what waits for a worker, and what has not been read")
    func liveReasons() async throws {
        let folder = try Folder()
        let gate = Gate()
        try await Shop.run(folder.log, onMail: { _ in await gate.wait() }) { bus in
            // As many as the subscription may have workers, and some more; each of another customer.
            try await bus.publish(contentsOf: (1...3_000).map { Shop.Placed(orderID: "\($0)", customer: "c\($0)") })
            _ = try await wait(for: "mail: running", from: ["why", "mail/1"], folder.log)
            let waiting = try await wait(for: "its limit of concurrency", from: ["why", "mail/900"], folder.log)
            #expect(waiting.output.contains("mail: waiting"))
            let unread = try await wait(for: "mail: unread", from: ["why", "mail/3000"], folder.log)
            #expect(unread.output.contains("come first"))
            let stats = try await wait(for: "workers that it may have are busy", from: ["stats"], folder.log)
            #expect(stats.output.contains("mail"))
            gate.open()
        }
    }

    @Test("what waits behind another of its key says behind which")
    func blocked() async throws {
        let folder = try Folder()
        let gate = Gate()
        try await Shop.run(folder.log, onMail: { _ in await gate.wait() }) { bus in
            try await bus.publish(contentsOf: (1...2).map { Shop.Placed(orderID: "\($0)", customer: "VINET") })
            let result = try await wait(
                for: "behind mail/1 of its key, whose handler runs now", from: ["why", "mail/2"], folder.log)
            #expect(result.output.contains("mail: blocked"))
            gate.open()
        }
    }

    @Test("tail shows events as they come, also those of the service's next life")
    func tail() async throws {
        let folder = try await Shop.copy()
        async let tail = Eventbus.run(
            ["tail", "--after", "11", "--count", "2", "--event", "order.placed", "--json", "--payload"], log: folder.log)
        for order in ["1", "2"] {
            try await Shop.run(folder.log) { bus in
                let receipt = try await bus.publish(Shop.Placed(orderID: order, customer: "ERNSH"))
                _ = try await bus.outcome(of: receipt, including: .descendants)
            }
        }
        let result = try await tail
        #expect(result.status == 0)
        #expect(result.objects.map { ($0["payload"] as? [String: Any])?["orderID"] as? String } == ["1", "2"])
    }

    @Test("an owner that serves nobody is named, and changes are refused")
    func silent() async throws {
        let folder = try await Shop.copy()
        try await Shop.run(folder.log, served: false) { _ in
            #expect(try await Eventbus.run(["dlq", "list"], log: folder.log).status == 0)
            let result = try await Eventbus.run(["dlq", "discard", "mail/1", "-r", "x"], log: folder.log)
            #expect(result.status == 5)
            #expect(
                result.errors.contains("pid \(ProcessInfo.processInfo.processIdentifier)")
                    && result.errors.contains("serves no socket"))
            let why = try await Eventbus.run(["why", "mail/2"], log: folder.log)
            #expect(why.output.contains("parked"))
        }
        #expect(try folder.column("SELECT count(*) FROM bus_dead_letters") == ["2"])
    }

    @Test("a change that waits for an owner ends with its task, and has changed nothing")
    func cancelled() async throws {
        let folder = try await Shop.copy()
        try await Shop.run(folder.log, served: false) { _ in
            let (waits, waiting) = AsyncStream<Void>.makeStream()
            let operations = BusOperations(
                database: folder.log, actor: "tester", time: { Date(timeIntervalSince1970: 1_800_000_000) },
                pause: { _ in
                    waiting.yield()
                    while !Task.isCancelled { await Task.yield() }
                    throw CancellationError()
                })
            let change = Task { try await operations.discard(.matching(.all), reason: "void") }
            for await _ in waits { break }
            change.cancel()
            await #expect(throws: CancellationError.self) { try await change.value }
        }
        #expect(try folder.column("SELECT count(*) FROM bus_dead_letters") == ["2"])
    }

    @Test("reading beside a busy service is reading: what it acknowledges is all there in the end")
    func busy() async throws {
        let folder = try Folder()
        try await Shop.run(folder.log) { bus in
            async let reading: Void = {
                for verb in ["stats", "dlq list", "log", "trace 1", "verify --quick", "topology"] {
                    _ = try await Eventbus.run(verb.split(separator: " ").map(String.init), log: folder.log)
                }
            }()
            for batch in 0..<50 {
                try await bus.publish(contentsOf: (0..<20).map { Shop.Placed(orderID: "\(batch)-\($0)", customer: "c\($0)") })
            }
            try await reading
            while await bus.statistics().subscriptions["ledger"]?.completed != 1_000 { await Task.yield() }
        }
        let verified = try await Eventbus.run(["verify"], log: folder.log)
        #expect(verified.output.contains("sound: 2,000 events"), "\(verified.output)")
    }
}

/// Holds up whoever comes, until it is opened.
final class Gate: Sendable {
    private let state = Guarded<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
