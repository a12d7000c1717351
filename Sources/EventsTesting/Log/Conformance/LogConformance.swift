//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

/// What every log must do, as checks that any test target can run against its own kind of log.
///
/// A check says in a sentence what it asks for, and throws ``ConformanceFailure`` if the log does otherwise.
package enum LogConformance {
    /// All checks.
    package static let checks: [Check] =
        appending + repeating + settling + items + attempts + letters + letterFilters + redrives + schedules + transactions
        + registrations + types + reports + recovery + reading + deliveries + outcomes + descendants + pruning + closing

    /// One check.
    package struct Check: Sendable, CustomStringConvertible {
        /// What it asks for.
        package let name: String
        /// Whether it needs ``LogSubject/kill(_:)``.
        package let needsKill: Bool
        let body: @Sendable (LogBench) async throws -> Void

        init(_ name: String, needsKill: Bool = false, _ body: @escaping @Sendable (LogBench) async throws -> Void) {
            self.name = name
            self.needsKill = needsKill
            self.body = body
        }

        package var description: String { name }

        /// Runs the check with a log that has nothing, and closes the log that it left open.
        package func run(with subject: any LogSubject) async throws {
            if needsKill, !subject.canKill { return }
            let bench = LogBench(subject)
            do {
                try await body(bench)
            } catch {
                await bench.close()
                throw error
            }
            await bench.close()
        }
    }
}

/// A kind of log under test: how to make one, and how to end its process.
package protocol LogSubject: Sendable {
    /// A log that has nothing, not yet open. It is called once.
    func make() async throws -> any EventLog

    /// The log, not yet open, that has what a log had that was closed.
    func reopen(_ log: any EventLog) async throws -> any EventLog

    /// Whether ``kill(_:)`` can be called.
    var canKill: Bool { get }

    /// Ends an open log as the end of its process would, and returns one, not yet open, that has what was committed.
    func kill(_ log: any EventLog) async throws -> any EventLog
}

/// A log does not do what every log must.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package let description: String
}

/// Fails the check unless a condition holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String, file: String = #fileID, line: Int = #line) throws {
    guard !condition else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(what())")
}

/// Fails the check unless a value is the one wanted.
func requireEqual<T: Equatable>(
    _ found: T, _ wanted: T, _ what: @autoclosure () -> String = "", file: String = #fileID, line: Int = #line
) throws {
    try require(found == wanted, "\(what()) is \(found) and must be \(wanted)", file: file, line: line)
}

/// Fails the check if there is no value.
func requireSome<T>(_ value: T?, _ what: @autoclosure () -> String, file: String = #fileID, line: Int = #line) throws -> T {
    guard let value else { throw ConformanceFailure(description: "\(file):\(line): there is no \(what())") }
    return value
}

/// Fails the check unless a failure of a kind is thrown.
func requireFailure(
    _ reason: LogFailure.Reason, file: String = #fileID, line: Int = #line, of body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch let failure as LogFailure {
        return try requireEqual(failure.reason, reason, "the failure's reason", file: file, line: line)
    }
    throw ConformanceFailure(description: "\(file):\(line): nothing failed, where \(reason) must")
}
