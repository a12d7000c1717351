//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Answers requests for the bus that owns a log.
struct ControlHost: Sendable {
    let bus: BusControl
    let writer: LogWriter
    let plans: PlanRunner

    /// Answers a line with a line.
    func answer(_ call: ControlServer.Call) async -> [UInt8] {
        let reply: ControlReply
        do {
            reply = ControlReply(.success(try await perform(call)))
        } catch {
            reply = ControlReply(.failure(ControlError(error)))
        }
        if let bytes = try? JSONEncoder().encode(reply) { return [UInt8](bytes) }
        return [UInt8](#"{"version":1,"error":{"code":"failed","message":"the answer could not be written"}}"#.utf8)
    }

    private struct Version: Decodable {
        let version: Int
    }

    private func perform(_ call: ControlServer.Call) async throws -> ControlResult {
        guard let line = call.line else { throw ControlError(.invalid, "the request is longer than a mebibyte") }
        let data = Data(line)
        guard let version = try? JSONDecoder().decode(Version.self, from: data) else {
            throw ControlError(.invalid, "the request is no JSON object with a version")
        }
        guard version.version == ControlRequest.currentVersion,
            let request = try? JSONDecoder().decode(ControlRequest.self, from: data)
        else {
            throw ControlError(
                .unsupported,
                "the service that owns the log does not know this request (it speaks version \(ControlRequest.currentVersion)); use the "
                    + "command of the version that the service was built with")
        }
        let audit = LogAudit(actor: "\(request.actor) (uid \(call.user))", reason: request.reason)
        return try await perform(request.change, audit)
    }

    private func perform(_ change: ControlChange, _ audit: LogAudit) async throws -> ControlResult {
        switch change {
        case .status: return .status(await bus.status())
        case .retry(let letters):
            let selection = try letters.selection()
            let redriven = try await bus.redrive(selection, audit: audit)
            if redriven.isEmpty, case .one(let id) = selection { throw try await refusal(of: id) }
            return .letters(redriven.map(\.id))
        case .discard(let letters):
            let selection = try letters.selection()
            let discarded = try await bus.discard(selection, reason: audit.reason, audit: audit)
            if discarded.isEmpty, case .one(let id) = selection { throw Self.unknown(id) }
            return .letters(discarded.map(\.discard.id))
        default:
            let (bus, time) = (bus, bus.time)
            let result = try await writer.transact { tables in
                try tables.perform(change, audit, at: time) { event in
                    if let problem = bus.problem(of: event) {
                        throw LogFailure(.invalid, "the service could not read the event with this: \(problem)")
                    }
                }
            }
            plans.wake()
            return result
        }
    }

    /// Why a letter was not sent back.
    private func refusal(of id: DeadLetter.ID) async throws -> ControlError {
        let exists = try await writer.transact { try $0.contains(id) }
        guard exists else { return Self.unknown(id) }
        return ControlError(
            .refused, "nobody handles \(id) now: the service has no subscription '\(id.subscription)' for its type. It stays.")
    }

    static func unknown(_ id: DeadLetter.ID) -> ControlError {
        ControlError(.unknown, "there is no dead letter \(id): it was redriven or discarded, or never was one")
    }
}

extension ControlLetters {
    func selection() throws(ControlError) -> LogLetterSelection {
        switch self {
        case .matching(let filter): return .matching(filter)
        case .one(let text):
            guard let id = DeadLetter.ID(text) else {
                throw ControlError(.invalid, "'\(text)' names no dead letter; one is written subscription/offset, as in mail/17")
            }
            return .one(id)
        }
    }
}

extension LogWriter {
    /// Does something with the log's tables in a commit.
    func transact<Value: Sendable>(_ body: @escaping @Sendable (LogTables) throws -> Value) async throws -> Value {
        let result = Guarded<Value?>(nil)
        _ = try await withCheckedThrowingContinuation { continuation in
            let action = CommitAction { transaction in
                guard let tables = (transaction as? SQLiteTransaction)?.ownTables else { return }
                let value = try body(tables)
                result.withLock { $0 = value }
            }
            submit(.transact(LogTransact(action: action) { continuation.resume(with: $0) }))
        }
        guard let value = result.withLock({ $0 }) else { throw LogFailure(.invalid, "the log committed what it did not do") }
        return value
    }
}
