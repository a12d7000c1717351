//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// How a SQLite log works. Every value has a default that suits a service.
public struct SQLiteLogOptions: Sendable {
    /// What an acknowledged event survives.
    public enum Durability: Sendable, Hashable {
        /// The end of the process, of the operating system, and of the power, if the storage keeps what it says is synced. Every
        /// commit waits for that (SQLite's `synchronous=FULL`). This is the default.
        case powerLoss
        /// The end of the process. What was acknowledged in the seconds before the operating system or the power ends may be lost;
        /// the file stays sound (SQLite's `synchronous=NORMAL`).
        case processEnd
    }

    /// What an acknowledged event survives. The default is ``Durability/powerLoss``.
    public var durability = Durability.powerLoss
    /// What to do when another process has the log open. The default is ``OwnerPolicy/fail``.
    public var ifOwned = OwnerPolicy.fail
    /// What the SQL of the commit actions of one delivery may take together before it is stopped. The default is one second. Time
    /// that an action spends otherwise is not measured, and holds up all commits.
    public var actionBudget = Duration.seconds(1)
    /// How long to wait for another program that writes to the file before publishes are rejected. The default is 2 seconds.
    public var busyTimeout = Duration.seconds(2)
    /// Whether the running bus answers the `eventbus` command, at a socket beside the file that this user alone can reach, and carries
    /// out redrive plans. The default is `true`. Without it the command reads the log, and changes nothing while the bus has it open.
    public var isServed = true
    /// Creates or changes the tables that the application has in the log's file. It runs each time the log is opened, before
    /// anything is handled, in a commit of its own without a time limit, and must therefore be fit to run again: `CREATE TABLE IF NOT
    /// EXISTS …`. The default does nothing.
    public var migrate: (@Sendable (SQLiteTransaction) throws -> Void)?

    /// The defaults; set what should be otherwise.
    public init() {}

    /// Throws when a value is out of range.
    func check() throws(LogFailure) {
        guard actionBudget > .zero else {
            throw LogFailure(.invalid, "actionBudget is \(actionBudget); it must be positive.")
        }
        guard busyTimeout >= .zero else {
            throw LogFailure(.invalid, "busyTimeout is \(busyTimeout); it must not be negative.")
        }
    }
}
