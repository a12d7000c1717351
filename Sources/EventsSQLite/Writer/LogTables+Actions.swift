//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// How a commit action failed.
enum CommitFault: Error {
    /// It is undone, and the transaction stands.
    case action(any Error)
    /// It cost the whole transaction.
    case transaction(any Error)
}

extension LogTables {
    /// Appends what an attempt emitted, and performs its actions, in a savepoint that stands already.
    ///
    /// - Throws: ``CommitFault`` for what the actions did, ``LogFailure`` for its events, ``SQLiteError`` for what ends the commit.
    func commitTogether(_ item: LogSettlement.Item, _ encoded: EncodedEvents, first: Int) throws -> [StoredEvent] {
        var stored = try append(item.events, encoded, first: first).stored(of: item.events)
        _ = try schedule(item.scheduled, encoded, first: first + item.events.count)
        if !item.actions.isEmpty { stored += try perform(item.actions, budget: actionBudget) }
        return stored
    }

    /// Performs actions, in a savepoint that stands already. Returns the events that they appended.
    func perform(_ actions: [CommitAction], budget: Duration?) throws -> [StoredEvent] {
        let transaction = SQLiteTransaction(self)
        defer { transaction.end() }
        watcher.begin(budget: budget)
        var failure: (any Error)?
        do {
            for action in actions { try action.perform(transaction) }
        } catch {
            failure = error
        }
        // What the storage could not do is no fault of the action, whatever that made of it.
        if let fault = transaction.fault { throw fault }
        // A statement that took too long can be one that was not interrupted in time.
        let verdict =
            transaction.verdict ?? (watcher.isSpent ? LogFailure(.budget, "a commit action took too long") : nil)
        // An authorizer cannot see INSERT OR ROLLBACK or RAISE(ROLLBACK), and running out of something ends some transactions as well;
        // afterwards there is no savepoint either.
        if connection.isAutocommitting {
            if let why = verdict { throw CommitFault.transaction(why) }
            if let why = transaction.exhaustion { throw CommitFault.transaction(why) }
            throw CommitFault.transaction(
                LogFailure(.action, "a statement of a commit action rolled back the transaction that it is part of"))
        }
        if let error = verdict ?? failure { throw CommitFault.action(error) }
        // Deferred foreign keys are due at the end of the action: at the end of the commit they would fail everybody's.
        do {
            try checkForeignKeys()
        } catch {
            throw CommitFault.action(SQLiteFailure(error, sql: "COMMIT"))
        }
        if watcher.hasChangedSchema {
            do {
                try checkReferences(.action)
            } catch let failure as LogFailure {
                throw CommitFault.action(failure)
            }
        }
        return transaction.appended
    }

    /// Performs an action by itself.
    func transact(_ action: CommitAction, budget: Duration?, spoiled: (any Error)?) throws -> Result<[StoredEvent], any Error> {
        if let spoiled { return .failure(spoiled) }
        do {
            return .success(try inSavepoint { try perform([action], budget: budget) })
        } catch let error as CommitFault {
            switch error {
            case .action(let error): return .failure(error)
            case .transaction(let error): throw TransactionLost(item: 0, error: error)
            }
        }
    }
}
