//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extension EventBus {
    /// Sends a command to its handler and returns the handler's result.
    ///
    /// The handler runs in the task that sends, also inside another handler, and is cancelled with it. What it emits is published
    /// when it succeeds, before this returns. A command works before ``run()``; what it emits then waits in the queues.
    ///
    /// - Parameter command: The command.
    /// - Returns: What the handler returned.
    /// - Throws: What the handler throws; ``EventBusError`` when there is no handler or the bus takes nothing new;
    ///   ``PublishError`` when the handler succeeded but what it emitted was rejected. If queues that make publishers wait are full,
    ///   this waits for room like ``publish(_:headers:correlationID:)``.
    @discardableResult
    public nonisolated func send<C: Command>(_ command: C) async throws -> C.Reply {
        let (number, found) = try await beginCommand(C.name, typeID: ObjectIdentifier(C.self))
        guard let handler = found as? CommandHandler<C> else {
            await endCommand(number)
            throw EventBusError(.noCommandHandler, "nobody handles the command '\(C.name)'; register a handler with handle(_:).")
        }
        let work = CommandRun(
            bus: self, id: environment.makeEventID(environment.wallClock()), enclosing: HandlerScope.enclosing(self),
            outer: HandlerScope.current)
        let scope = HandlerScope.command(work)
        let start = environment.now()
        signal(.commandStarted, C.name, scope)
        do {
            let reply = try await HandlerScope.$current.withValue(scope) {
                try await invoke(handler, command, CommandContext(command: work))
            }
            if work.emissions.close() { try await publishEmissions(work.emissions.take()) }
            await endCommand(number)
            signal(.commandCompleted, C.name, scope, duration: start.duration(to: environment.now()))
            return reply
        } catch {
            if work.emissions.close() { _ = work.emissions.take() }
            await endCommand(number)
            signal(
                .commandFailed, C.name, scope, duration: start.duration(to: environment.now()), errorType: ErrorText(error).type)
            throw error
        }
    }

    private nonisolated func invoke<C: Command>(
        _ handler: CommandHandler<C>, _ command: C, _ context: CommandContext
    ) async throws -> C.Reply {
        guard let intercept = hooks.intercept else { return try await handler.run(command, context) }
        let invocation = EventBusHooks.Invocation(name: C.name, subscription: nil, attempt: nil, metadata: nil)
        let result = Guarded<Result<C.Reply, any Error>?>(nil)
        try await intercept(invocation) {
            do {
                let reply = try await handler.run(command, context)
                result.withLock { $0 = .success(reply) }
            } catch {
                result.withLock { $0 = .failure(error) }
                throw error
            }
        }
        // There is no reply to give when the handler threw, whatever the interceptor made of it.
        guard let value = try result.withLock({ $0 })?.get() else {
            throw EventBusError(
                .invalidConfiguration,
                "the handler interceptor returned without having called 'next' for the command '\(C.name)'.")
        }
        return value
    }

    private nonisolated func signal(
        _ kind: Signal.Kind, _ name: String, _ scope: HandlerScope, duration: Duration? = nil, errorType: String? = nil
    ) {
        guard let observe = hooks.observe else { return }
        observe(
            Signal(
                kind, eventName: name, subscription: scope.subscription, eventID: scope.record?.origin.id,
                duration: duration, errorType: errorType))
    }

    /// Registers a running command, so that a shutdown waits for it, and finds its handler.
    private func beginCommand(_ name: String, typeID: ObjectIdentifier) throws -> (Int, (any AnyCommandHandler)?) {
        if shutdown.isRequested {
            guard lifecycle.phase != .closed else {
                throw EventBusError(.closed, "the command '\(name)' was sent to a closed bus.")
            }
            guard HandlerScope.current?.isInsideDelivery(of: self) == true else {
                throw EventBusError(
                    .shuttingDown, "the command '\(name)' was sent while the bus shuts down; only running handlers still may.")
            }
        }
        nextCommand += 1
        runningCommands[nextCommand] = name
        return (nextCommand, commands[typeID])
    }

    private func endCommand(_ number: Int) {
        runningCommands.removeValue(forKey: number)
        checkDrained()
    }

    /// Commits what a command's handler wants committed, all together.
    private nonisolated func commit(_ emissions: Emissions, in journal: Journal) async throws {
        do {
            try await transact(emissions.actions, emissions, in: journal)
        } catch let failure as LogFailure {
            throw PublishError(failure, emissions.records.first?.name ?? "a command's commit")
        }
    }

    /// Publishes what a command's handler emitted, all together.
    private func publishEmissions(_ emissions: Emissions) async throws {
        if let journal {
            guard !emissions.isEmpty else { return }
            try await commit(emissions, in: journal)
            return
        }
        let records = emissions.records
        guard let first = records.first else { return }
        guard lifecycle.phase != .closed else {
            throw PublishError(
                .rejected, .closed, "\(first.name) was emitted by a command that ended after the bus had closed.")
        }
        for record in records { _ = try route(for: record) }
        try await admit(records, isFromCommand: true)
    }
}
