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

extension LogTables {
    /// Does what somebody asks for, apart from what a bus must be told of.
    ///
    /// - Parameter check: Throws when the code that runs could not read an event.
    func perform(
        _ change: ControlChange, _ audit: LogAudit, at time: Date, check: (StoredEvent) throws -> Void = { _ in }
    ) throws -> ControlResult {
        switch change {
        case .edit(let letter, let values):
            guard let id = DeadLetter.ID(letter) else {
                throw ControlError(
                    .invalid, "'\(letter)' names no dead letter; one is written subscription/offset, as in mail/17")
            }
            guard try contains(id) else { throw ControlHost.unknown(id) }
            let changes = try values.map { JSONChange(pointer: try JSONPointer($0.pointer), value: $0.value) }
            return .edited(number: try edit(id, changes, audit: audit, at: time, check: check))
        case .plan(let filter):
            guard let plan = try makePlan(filter, audit: audit, at: time) else { return .plan(id: 0, letters: 0) }
            return .plan(id: plan.id, letters: plan.letters)
        case .apply(let plan, let pace):
            try applyPlan(plan, pace, audit: audit, at: time)
            return .done
        case .cancel(let plan):
            try cancelPlan(plan, audit: audit, at: time)
            return .done
        case .status, .retry, .discard:
            throw ControlError(.unsupported, "this needs the bus itself")
        }
    }

    /// The same on a log that no bus has open, whose dead letters are changed here and found changed by the next bus.
    func performWithoutBus(_ change: ControlChange, _ audit: LogAudit, at time: Date) throws -> ControlResult {
        switch change {
        case .status: throw ControlError(.refused, "no bus has the log open")
        case .retry(let letters):
            let selection = try letters.selection()
            let redriven = try redrive(
                LogLetterChange(letters: selection, handled: registeredTypes, time: time, audit: audit, completion: { _ in }))
            if redriven.isEmpty, case .one(let id) = selection {
                guard try contains(id) else { throw ControlHost.unknown(id) }
                throw ControlError(
                    .refused, "nobody handles \(id): '\(id.subscription)' was last registered without its type. It stays.")
            }
            return .letters(redriven.map(\.id))
        case .discard(let letters):
            let selection = try letters.selection()
            let discarded = try discard(
                LogLetterChange(letters: selection, reason: audit.reason, time: time, audit: audit, completion: { _ in }))
            if discarded.isEmpty, case .one(let id) = selection { throw ControlHost.unknown(id) }
            return .letters(discarded.map(\.discard.id))
        default: return try perform(change, audit, at: time)
        }
    }

    /// The types that each subscription was registered with last.
    private var registeredTypes: [String: Set<String>] {
        var types: [String: Set<String>] = [:]
        for subscription in state.subscriptions.values {
            types[subscription.name] = Set(subscription.interests.filter { $0.through == nil }.map(\.eventName))
        }
        return types
    }

    /// Whether there is a dead letter of this identity.
    func contains(_ id: DeadLetter.ID) throws -> Bool {
        let statement = try connection.statement(
            """
            SELECT 1 FROM bus_dead_letters l JOIN bus_subscriptions s ON s.id = l.subscription WHERE s.name = ?1 AND l.offset = ?2
            """)
        statement.bind(1, id.subscription)
        statement.bind(2, id.offset.rawValue)
        defer { statement.reset() }
        return try statement.step()
    }
}
