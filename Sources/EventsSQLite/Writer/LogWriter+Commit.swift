//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite
internal import Events

extension LogWriter {
    /// Actions that are not tried again, by the change that they belong to and the item in it, with the errors that they failed with.
    typealias Spoiled = [Int: [Int: any Error]]

    /// How often a commit is begun anew without the action that spoiled it, before its changes are written in two halves instead.
    private static let spoiledLimit = 4

    /// Writes changes in one commit, if that can be, and tells their completions.
    func perform(_ batch: [PendingChange], spoiled: Spoiled = [:]) {
        guard !batch.isEmpty else { return }
        guard let tables, poison == nil else {
            let failure = poison ?? LogFailure(.closed, "the log \(path) is not open")
            return batch.forEach { $0.fail(failure) }
        }
        var spoiled = spoiled
        var isCareful = false
        while true {
            let saved = tables.state
            var isCommitting = false
            do {
                try checkLogFile()
                try tables.begin()
                var outcomes: [ChangeOutcome] = []
                outcomes.reserveCapacity(batch.count)
                // By index: iterating would copy each change, with a count for all that it refers to.
                for index in batch.indices {
                    outcomes.append(
                        try tables.apply(batch[index], index: index, spoiled: spoiled[index] ?? [:], isCareful: isCareful))
                }
                try tables.insertWaiting()
                try tables.writeSubscriptions()
                try tables.checkForeignKeys()
                isCommitting = true
                try tables.commit()
                holdFailure = nil
                for index in batch.indices { outcomes[index].tell(batch[index]) }
                return recycle(batch)
            } catch {
                tables.state = saved
                do {
                    try tables.rollBack()
                } catch {
                    return give(up: batch, LogFailure(error, path: path, isIndeterminate: isCommitting))
                }
                switch error {
                case let lost as LostChange:
                    spoiled[lost.index, default: [:]][lost.item] = lost.error
                    // Each replay costs as much as all before it; halves bound that when many are hostile.
                    if spoiled.count >= Self.spoiledLimit, batch.count > 1 { return performHalves(of: batch, spoiled) }
                case let error as SQLiteError:
                    let failure = LogFailure(error, path: path, isIndeterminate: isCommitting)
                    switch StorageFault(error) {
                    case .full where isCommitting && error.code == StorageFault.sharedMemoryFull: return give(up: batch, failure)
                    case .full, .busy: return withoutRoom(batch, LogFailure(error, path: path))
                    case .statement where !isCareful && !isCommitting: isCareful = true
                    default: return give(up: batch, failure)
                    }
                case let failure as LogFailure: return give(up: batch, failure)
                default: return give(up: batch, LogFailure(.io, "\(path): \(error)"))
                }
            }
        }
    }

    private func performHalves(of batch: [PendingChange], _ spoiled: Spoiled) {
        let middle = batch.count / 2
        perform(Array(batch[..<middle]), spoiled: spoiled.filter { $0.key < middle })
        var rest: Spoiled = [:]
        for (index, items) in spoiled where index >= middle { rest[index - middle] = items }
        let second = Array(batch[middle...])
        // Settlements that the first half could not write must not be overtaken.
        let waiting = held
        held = []
        if waiting.isEmpty { perform(second, spoiled: rest) } else { withoutRoom(waiting + second, holdFailure ?? .noRoom) }
    }

    /// Nothing of it was done. Settlements stay until there is room, since what handlers did cannot be taken back; the others' callers
    /// are told.
    private func withoutRoom(_ batch: [PendingChange], _ failure: LogFailure) {
        let kept = batch.filter(\.isHeldWithoutRoom)
        let refused = batch.filter { !$0.isHeldWithoutRoom }
        for change in refused { change.fail(failure) }
        guard !kept.isEmpty else { return }
        if failure.reason == .full, !refused.isEmpty {
            // What there is may be enough for them alone.
            perform(kept)
        } else {
            hold(kept, because: failure)
        }
    }

    /// The log cannot go on.
    private func give(up batch: [PendingChange], _ failure: LogFailure) {
        for change in batch { change.fail(failure) }
        // Whatever it began with, it does not pass: `full` and `busy` would have callers try again for ever. Nor is it anything that one
        // of them asked for.
        let lasts = [.corrupt, .lost].contains(failure.reason)
        poison(LogFailure(lasts ? failure.reason : .io, failure.message))
    }
}

extension LogFailure {
    fileprivate static var noRoom: LogFailure { LogFailure(.full, "there is no room to write") }
}

/// An action that cost a commit its transaction, and where it is in the commit.
struct LostChange: Error {
    let index: Int
    let item: Int
    let error: any Error
}
