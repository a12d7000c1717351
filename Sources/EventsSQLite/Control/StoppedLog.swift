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
package import FoundationEssentials
#else
package import Foundation
#endif

/// Changes a log that no bus has open: takes the lock for one change and gives it back.
///
/// It begins no epoch, recovers nothing and runs no handlers. What needs those is in the log for the next owner.
package enum StoppedLog {
    /// Makes a change.
    ///
    /// - Parameters:
    ///   - path: The log's path.
    ///   - request: What to do. Its actor is kept as it is.
    ///   - time: The time of day.
    /// - Throws: ``ControlError``, or ``LogFailure`` with `owned` when somebody has the log open.
    package static func perform(_ request: ControlRequest, on path: String, at time: Date) async throws -> ControlResult {
        let place = try DatabasePath(path)
        guard try FileStatus(at: place.path) != nil else {
            throw LogFailure(.invalid, "\(place.path) does not exist")
        }
        let lock = try await OwnerLock.acquire(place.lockPath, policy: .fail, time: time)
        defer { lock.release() }
        return try perform(request, place, at: time)
    }

    private static func perform(_ request: ControlRequest, _ place: DatabasePath, at time: Date) throws -> ControlResult {
        do {
            let connection = try Connection(path: place.path, mode: .readWrite)
            guard try SchemaState(connection, path: place.path) == .log(version: Schema.version) else {
                throw ControlError(
                    .refused,
                    "\(place.path) has an older format, which the service brings up to date when it opens it; start the service of this "
                        + "version first")
            }
            try LogSettings().apply(to: connection, path: place.path)
            let tables = try LogTables(
                connection, watcher: UserCodeGuard(now: { BusEnvironment.live.now() }), path: place.path,
                actionBudget: .seconds(1))
            try tables.checkReferences(.invalid)
            let identity = try FileIdentity(of: [place.path, place.lockPath])
            try tables.begin()
            do {
                try tables.load()
                let audit = LogAudit(actor: request.actor, reason: request.reason)
                let result = try tables.performWithoutBus(request.change, audit, at: time)
                try identity.check()
                try tables.commit()
                // Who reads may hold the file as well, and then it is not done when this connection closes. It only tidies up.
                try? connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                return result
            } catch {
                try tables.rollBack()
                throw error
            }
        } catch let error as SQLiteError {
            throw LogFailure(error, path: place.path)
        }
    }
}
