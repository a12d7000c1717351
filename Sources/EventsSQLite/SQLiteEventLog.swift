//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

/// A log in one SQLite file, which any SQLite tool can read.
///
/// ```swift
/// let bus = try await EventBus(log: .sqlite("orders.db")) { handlers in … }
/// ```
///
/// Beside the file there are its `-wal` and `-shm`, which belong to it; a `-lock`, by which one process at a time owns it; and a
/// `-flight`, which says what was running when a process ended. All have mode 0600. Never copy the file while a process has the log
/// open: ``EventBus/backup(to:)`` does that.
public final class SQLiteEventLog: EventLog {
    /// What is there while the log is open.
    struct Parts: Sendable {
        let writer: LogWriter
        let reader: LogReader
        let lock: OwnerLock
        let flight: FlightRecorder
    }

    private enum Phase: Sendable {
        case unopened
        case opening
        case open(Parts)
        case closed
    }

    /// The path as it was given.
    public let path: String
    private let options: SQLiteLogOptions
    private let vfs: String?
    /// What is otherwise than the options say; for tests.
    private let adjust: @Sendable (inout LogSettings) -> Void
    /// How redrive plans wait.
    let planPause: @Sendable (Duration) async throws -> Void
    private let phase = Guarded(Phase.unopened)
    /// Read before every attempt, so without the lock.
    private let recorder = LateConstant<FlightRecorder>()
    private let writer = LateConstant<LogWriter>()

    /// A log in a file, which is created if there is none. Nothing is opened yet: the bus does that.
    ///
    /// - Parameters:
    ///   - path: The path of the file, in a directory that exists. It is taken literally, never as a URI.
    ///   - options: How it works. The default suits a service.
    public convenience init(path: String, options: SQLiteLogOptions = SQLiteLogOptions()) {
        self.init(path: path, options: options, vfs: nil)
    }

    init(
        path: String, options: SQLiteLogOptions, vfs: String?, adjust: @escaping @Sendable (inout LogSettings) -> Void = { _ in },
        planPause: @escaping @Sendable (Duration) async throws -> Void = { try await DispatchPause.wait(for: $0) }
    ) {
        self.path = path
        self.options = options
        self.vfs = vfs
        self.adjust = adjust
        self.planPause = planPause
    }

    // MARK: Opening and closing

    public func open(_ opening: LogOpening) async throws -> LogOpened {
        try options.check()
        let mayOpen = phase.withLock { phase -> Bool in
            guard case .unopened = phase else { return false }
            phase = .opening
            return true
        }
        guard mayOpen else {
            throw LogFailure(.invalid, "the log \(path) was opened before; make a new one for each bus.")
        }
        do {
            let (parts, opened) = try await openParts(opening)
            recorder.set(parts.flight)
            writer.set(parts.writer)
            phase.withLock { $0 = .open(parts) }
            return opened
        } catch {
            phase.withLock { $0 = .closed }
            throw error
        }
    }

    private func openParts(_ opening: LogOpening) async throws -> (Parts, LogOpened) {
        let place = try DatabasePath(path)
        let lock = try await OwnerLock.acquire(place.lockPath, policy: options.ifOwned, time: opening.time)
        let identity = LateConstant<FileIdentity>()
        let checkFile: @Sendable () throws(LogFailure) -> Void = { () throws(LogFailure) in try identity.value?.check() }
        let writer = LogWriter(
            path: place.path, vfs: vfs, settings: settings,
            checkFile: checkFile, onPoison: opening.onFailure, now: { Self.now() })
        do {
            try place.createIfMissing()
            let opened = try await writer.open(opening) { epoch in
                FlightRecorder.notes(at: place.flightPath, ofEpoch: epoch).map {
                    FlightNote(epoch: epoch, subscription: $0.subscription, offset: $0.offset)
                }
            }
            if let migrate = options.migrate { try await self.migrate(writer, migrate) }
            // Not before the commit that has counted the notes: a process that ends in between counts nothing twice.
            let flight = try FlightRecorder(path: place.flightPath, epoch: opened.epoch, slots: opening.flightSlots)
            identity.set(try FileIdentity(of: [place.path, place.walPath, place.lockPath]))
            let reader = LogReader(path: place.path, vfs: vfs, checkFile: checkFile)
            return (Parts(writer: writer, reader: reader, lock: lock, flight: flight), opened)
        } catch {
            await writer.close()
            lock.release()
            throw error
        }
    }

    private func migrate(
        _ writer: LogWriter, _ migrate: @escaping @Sendable (SQLiteTransaction) throws -> Void
    ) async throws {
        try await writer.migrate(
            CommitAction { transaction in
                guard let transaction = transaction as? SQLiteTransaction else { return }
                try migrate(transaction)
            })
    }

    private var settings: LogSettings {
        var settings = LogSettings()
        settings.durability = options.durability == .powerLoss ? .power : .process
        settings.actionBudget = options.actionBudget
        settings.busyTimeout = options.busyTimeout
        adjust(&settings)
        return settings
    }

    /// A clock that does not jump, for what commit actions take.
    static func now() -> MonotonicTime { BusEnvironment.live.now() }

    /// Whether people may look into the running bus.
    var isServed: Bool { options.isServed }

    public func close() async {
        let parts = phase.withLock { phase -> Parts? in
            defer { phase = .closed }
            guard case .open(let parts) = phase else { return nil }
            return parts
        }
        guard let parts else { return }
        await parts.reader.close()
        await parts.writer.close()
        // Handlers that were left behind are noted still: if one of them ends the process, that is how the next one knows.
        parts.lock.release()
    }

    // MARK: Changes

    public func submit(_ change: LogChange) {
        if writer.withValue({ $0.submit(change) }) == nil {
            change.fail(LogFailure(.closed, "the log \(path) is not open"))
        }
    }

    public func noteStart(slot: Int, subscription: SubscriptionKey, offset: Offset) {
        recorder.withValue { $0.noteStart(slot: slot, subscription: subscription, offset: offset) }
    }

    public func noteEnd(slot: Int) {
        recorder.withValue { $0.noteEnd(slot: slot) }
    }

    // MARK: Reading

    /// The parts of a log that is open.
    func parts() throws(LogFailure) -> Parts {
        let open = phase.withLock { phase -> Parts? in
            guard case .open(let parts) = phase else { return nil }
            return parts
        }
        guard let open else { throw LogFailure(.closed, "the log \(path) is not open") }
        return open
    }

    public func events(_ selection: EventSelection) async throws -> EventPage {
        try await parts().reader.events(selection)
    }

    public func deliveries(_ selection: DeliverySelection) async throws -> [StoredDelivery] {
        try await parts().reader.deliveries(selection)
    }

    public func deadLetters(_ selection: DeadLetterSelection) async throws -> [StoredDeadLetter] {
        try await parts().reader.deadLetters(selection)
    }

    public func deadLetterCounts() async throws -> [DeadLetterCount] {
        try await parts().reader.deadLetterCounts()
    }

    public func discards(limit: Int) async throws -> [DeadLetterDiscard] {
        try await parts().reader.discards(limit: limit)
    }

    public func outcome(
        of offset: Offset, including scope: Outcome.Scope, orders: [SubscriptionKey: DeliveryOrder]
    ) async throws -> StoredOutcome {
        try await parts().reader.outcome(of: offset, including: scope, orders: orders)
    }
}

extension EventLog where Self == SQLiteEventLog {
    /// A log in a SQLite file.
    ///
    /// - Parameters:
    ///   - path: The path of the file, in a directory that exists; it is created if there is none.
    ///   - options: How it works. The default suits a service.
    public static func sqlite(_ path: String, options: SQLiteLogOptions = SQLiteLogOptions()) -> SQLiteEventLog {
        SQLiteEventLog(path: path, options: options)
    }

    /// A log in a SQLite file that also has tables of the application's.
    ///
    /// - Parameters:
    ///   - path: The path of the file, in a directory that exists; it is created if there is none.
    ///   - options: How it works. The default suits a service.
    ///   - migrate: See ``SQLiteLogOptions/migrate``.
    public static func sqlite(
        _ path: String, options: SQLiteLogOptions = SQLiteLogOptions(),
        migrate: @escaping @Sendable (SQLiteTransaction) throws -> Void
    ) -> SQLiteEventLog {
        var options = options
        options.migrate = migrate
        return SQLiteEventLog(path: path, options: options)
    }
}
