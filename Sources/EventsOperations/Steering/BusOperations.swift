//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
public import Events
internal import EventsSQLite

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Looks into a log, and steers the bus that has it: what the `eventbus` command does, for programs.
///
/// ```swift
/// let operations = BusOperations(database: "shop.db")
/// let letters = try await operations.deadLetters()
/// try await operations.retry(.one(id), reason: "the mail server is back")
/// ```
///
/// Reading never changes the file, whoever has it open. A change is made by the bus that has the log open, which is asked at the socket
/// beside it, or, when nobody has it open, here, under the log's lock. Handlers run in the bus alone.
///
/// All of it may be used in the service's own process as well, and works on a thread of its own. A task's cancellation ends waits, and
/// not a change that was asked for already.
public actor BusOperations {
    /// The log's path as it was given.
    public nonisolated let database: String
    private let actorName: String
    private nonisolated let thread = LogThread()
    private let time: @Sendable () -> Date
    private let pause: @Sendable (Duration) async throws -> Void
    private var inspection: (log: LogInspection, identity: FileStatus.Identity)?

    /// The thread that all of it runs on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// How long to wait for a bus that is opening its log, or closing it.
    private static let patience = Duration.seconds(3)

    /// - Parameters:
    ///   - database: The path of the log's file. It is opened by the first request.
    ///   - actor: Who asks, for the log's audit. The default is the user of this process.
    public init(database: String, actor: String? = nil) {
        self.init(database: database, actor: actor, time: { BusEnvironment.live.wallClock() })
    }

    package init(
        database: String, actor: String?, time: @escaping @Sendable () -> Date,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await DispatchPause.wait(for: $0) }
    ) {
        self.database = database
        actorName = actor ?? Self.currentUser
        self.time = time
        self.pause = pause
    }

    deinit {
        thread.stop()
    }

    private static var currentUser: String {
        let environment = ProcessInfo.processInfo.environment
        return environment["SUDO_USER"] ?? environment["USER"] ?? environment["LOGNAME"] ?? "somebody"
    }

    // MARK: Looking

    /// Answers a question by looking into the file.
    package func look<Value: Sendable>(_ body: (LogInspection) throws -> Value) throws -> Value {
        do {
            return try body(try opened())
        } catch {
            throw OperationsError(error)
        }
    }

    /// The file, opened anew if another one took its place.
    private func opened() throws -> LogInspection {
        if let inspection, try FileStatus(at: inspection.log.path)?.identity == inspection.identity { return inspection.log }
        inspection = nil
        let log = try LogInspection(database)
        guard let identity = try FileStatus(at: log.path)?.identity else {
            throw LogFailure(.invalid, "there is no log \(log.path)")
        }
        inspection = (log, identity)
        return log
    }

    /// A page of dead letters.
    public func deadLetters(_ query: DeadLetterQuery = DeadLetterQuery()) throws -> DeadLetterList {
        try look { try $0.deadLetters(query) }
    }

    /// Dead letters by what they have in common, the largest group first.
    public func deadLetterGroups(_ filter: DeadLetterFilter = .all) throws -> [DeadLetterGroup] {
        try look { try $0.deadLetterGroups(filter) }
    }

    /// One dead letter with all there is to know of it.
    ///
    /// - Parameter withPayload: Whether to read what the event says. The default is not to.
    /// - Throws: ``OperationsError`` with `notFound`.
    public func deadLetter(_ id: DeadLetter.ID, withPayload: Bool = false) throws -> DeadLetterDetail {
        try look { log in
            guard let letter = try log.deadLetter(id, withPayload: withPayload) else {
                throw OperationsError(.notFound, "there is no dead letter \(id): it was redriven or discarded, or never was one")
            }
            return letter
        }
    }

    /// Why an event has, or has not, been handled, for each subscription that takes it.
    ///
    /// - Parameter subject: An event's id, its offset, or `subscription/offset`.
    public func why(_ subject: String) throws -> WhyReport {
        let live = try liveFacts()
        return try look { try $0.why(subject, live) }
    }

    /// Everything that has one first cause, with what became of it.
    ///
    /// - Parameters:
    ///   - subject: A correlation's id, an event's id or offset, or `subscription/offset`.
    ///   - limit: The most events. The default is 1,000.
    /// - Throws: ``OperationsError`` with `notFound` when the log has nothing of it.
    public func trace(_ subject: String, limit: Int = 1_000) throws -> TraceReport {
        let live = try liveFacts()
        return try look { log in
            guard let report = try log.trace(subject, limit: limit, live) else {
                throw OperationsError(.notFound, "the log has nothing of \(subject)")
            }
            return report
        }
    }

    /// Events of the log.
    public func events(_ query: EventQuery = EventQuery()) throws -> EventList {
        try look { try $0.events(query) }
    }

    /// How the log and its subscriptions do.
    ///
    /// - Parameter subscription: Only this one. The default is all.
    public func statistics(of subscription: String? = nil) throws -> LogStatistics {
        let live = try liveFacts()
        return try look { try $0.statistics(live, of: subscription) }
    }

    /// The subscriptions as they are stored.
    public func subscriptions() throws -> [SubscriptionSummary] { try look { try $0.subscriptions() } }

    /// Who publishes and handles what, as the log has seen it.
    public func topology() throws -> TopologyReport { try look { try $0.topology() } }

    /// The latest changes that somebody asked for, in order.
    ///
    /// - Parameter limit: How many. The default is 20.
    public func audit(limit: Int = 20) throws -> [AuditRecord] { try look { try $0.audit(limit: limit) } }

    /// The redrive plans, in order.
    public func plans() throws -> [PlanRecord] { try look { try $0.plans() } }

    /// One redrive plan.
    public func plan(_ number: Int64) throws -> PlanRecord {
        try look { log in
            guard let plan = try log.plans(number).first else { throw OperationsError(.notFound, "there is no plan \(number)") }
            return plan
        }
    }

    /// What a change of the letters that a filter matches would be about.
    public func preview(_ filter: DeadLetterFilter) throws -> LetterPreview { try look { try $0.preview(filter) } }

    /// Checks the whole log. It takes some seconds for a million events, during which the owner's write-ahead log grows.
    ///
    /// - Parameter isQuick: Whether to leave out what SQLite checks about indexes. The default is not to.
    /// - Throws: `CancellationError` when the task is cancelled.
    public func verify(isQuick: Bool = false) throws -> VerifyReport {
        let report = try look { try $0.verify(isQuick: isQuick, mayGoOn: { !Task.isCancelled }) }
        guard let report else { throw CancellationError() }
        return report
    }

    // MARK: The owner

    /// Whether somebody has the log open.
    public func owner() throws -> LogOwner { try liveFacts().owner }

    /// What is known beyond the file.
    package func liveFacts() throws -> LiveFacts {
        try look { log in
            var facts = LiveFacts(now: time())
            if let client = try ControlClient(ControlAddress(database: log.path)) {
                facts.owner = .silent("its socket")
                if case .status(let status)? = try? client.ask(
                    ControlRequest(.status, actor: actorName), limit: .seconds(2))
                {
                    facts.owner = .running(processID: status.processID)
                    facts.status = status
                }
            } else if let holder = Self.holder(of: log.path + "-lock") {
                facts.owner = .silent(holder)
            }
            if facts.isOwned { facts.running = try log.runningDeliveries() }
            return facts
        }
    }

    /// What a lock's holder says of itself; `nil` when nobody holds it.
    private static func holder(of path: String) -> String? {
        var descriptor: Int32 = -1
        guard events_file_open(path, false, &descriptor) == 0 else { return nil }
        defer { events_file_close(descriptor) }
        var isLocked = false
        guard events_file_is_locked(descriptor, &isLocked) == 0, isLocked else { return nil }
        var bytes = [UInt8](repeating: 0, count: 200)
        var count = 0
        guard events_file_read(descriptor, &bytes, bytes.count, &count) == 0 else { return "" }
        // The file may hold anything, and the text ends up in terminals.
        return bytes.prefix(count).split(separator: 10)
            .map { line in String(decoding: line.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self) }.joined(separator: ", ")
    }

    // MARK: Changing

    /// Sends dead letters back to their subscriptions. Those whose type nobody handles stay.
    ///
    /// - Parameters:
    ///   - letters: Which.
    ///   - reason: Why, for the audit. The default is empty.
    /// - Throws: ``OperationsError``: `notFound` or `refused` for one letter that cannot be sent.
    @discardableResult
    public func retry(_ letters: LetterSelector, reason: String = "") async throws -> LetterChange {
        try await change(.retry(letters.control), reason: reason)
    }

    /// Gives dead letters up. What waits behind them goes on.
    @discardableResult
    public func discard(_ letters: LetterSelector, reason: String) async throws -> LetterChange {
        try await change(.discard(letters.control), reason: reason)
    }

    /// Sets values in what a dead letter is handled with. Its event stays as it is.
    ///
    /// - Parameter values: JSON by JSON pointer: `["/quantity": "5", "/sku": "\"CHAI\""]`, set in this order.
    /// - Returns: How often it was edited, this time included.
    /// - Throws: ``OperationsError`` with `invalid` when a pointer leads nowhere, a value is no JSON, or the running service could not
    ///   read the event with it.
    @discardableResult
    public func edit(_ id: DeadLetter.ID, _ values: [(pointer: String, json: String)], reason: String = "") async throws -> Int {
        let edits = values.map { ControlEdit(pointer: $0.pointer, value: $0.json) }
        guard case .edited(let number) = try await perform(.edit(letter: id.description, values: edits), reason: reason).result
        else {
            throw Self.confused
        }
        return number
    }

    /// Fixes the set of dead letters that a filter matches now, to be sent back later.
    ///
    /// - Returns: The plan; `nil` when the filter matches nothing, and then there is none.
    public func makePlan(_ filter: DeadLetterFilter, reason: String = "") async throws -> PlanRecord? {
        guard case .plan(let number, let letters) = try await perform(.plan(filter), reason: reason).result else {
            throw Self.confused
        }
        return letters > 0 ? try plan(number) : nil
    }

    /// Has a plan carried out: by the bus that has the log open, or by the next.
    ///
    /// - Parameters:
    ///   - number: The plan.
    ///   - canary: So many letters go first, and the rest only when all of them succeed. The default is none.
    ///   - interval: The least time between two letters. The default is 100 ms.
    ///   - abortAfter: After so many failures nothing more is sent; `nil` is never. The default is 10.
    /// - Returns: Whether a running bus has it; otherwise it waits for the next.
    @discardableResult
    public func applyPlan(
        _ number: Int64, canary: Int = 0, interval: Duration = .milliseconds(100), abortAfter: Int? = 10, reason: String = ""
    ) async throws -> Bool {
        var pace = PlanPace()
        pace.canary = canary
        pace.interval = Int64(clamping: Int(interval / .microseconds(1)))
        pace.abortAfter = abortAfter
        return try await perform(.apply(plan: number, pace: pace), reason: reason).isLive
    }

    /// Stops a plan. What was sent goes on; the rest stay dead letters.
    public func cancelPlan(_ number: Int64, reason: String = "") async throws {
        _ = try await perform(.cancel(plan: number), reason: reason)
    }

    private func change(_ change: ControlChange, reason: String) async throws -> LetterChange {
        let (result, isLive) = try await perform(change, reason: reason)
        guard case .letters(let count, let ids) = result else { throw Self.confused }
        return LetterChange(letters: count, ids: ids, isLive: isLive)
    }

    private static let confused = OperationsError(
        .failed, "the owner of the log answered something else than it was asked; it may be of another version")

    /// Has a change made by the owner, or makes it here if there is none.
    private func perform(_ change: ControlChange, reason: String) async throws -> (result: ControlResult, isLive: Bool) {
        let request = ControlRequest(change, actor: actorName, reason: reason)
        var waited = Duration.zero
        let step = Duration.milliseconds(50)
        do {
            // Also looks whether the file is one that should be touched.
            let path = try opened().path
            while true {
                if let client = try ControlClient(ControlAddress(database: path)) { return (try client.ask(request), true) }
                do {
                    return (try await StoppedLog.perform(request, on: path, at: time()), false)
                } catch let failure as LogFailure where failure.reason == .owned && waited < Self.patience {
                    // It opens the log, or closes it.
                    try await pause(step)
                    waited += step
                } catch let failure as LogFailure where failure.reason == .owned {
                    throw OperationsError(
                        .refused,
                        "\(failure.message). It serves no socket: it does not run yet, is shutting down, or was told not to (isServed)"
                    )
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw OperationsError(error)
        }
    }
}
