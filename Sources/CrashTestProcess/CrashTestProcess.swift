//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite
import Foundation

/// A service that a test kills: `CrashTestProcess FILE live|finish NEXT COUNT`.
///
/// It opens a bus on the file and publishes numbers, each with an idempotency key. Publisher p of four takes p, p + 4, p + 8 and so
/// on, so that the numbers of a key come from one publisher, in order. A line goes to standard output for each acknowledgement:
/// `ack NUMBER OFFSET`. In between, `open` says that the log is open and `published` that all numbers are.
///
/// With `live` it publishes the numbers from NEXT to NEXT + COUNT - 1, and then handles until it is killed. With `finish` it
/// publishes them, waits for the outcome of everything from 0 on, prints `finished`, and ends.
@main
enum CrashTestProcess {
    private static let publishers = 4

    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let next = Int(arguments[3]), let count = Int(arguments[4]) else {
            say("usage: \(arguments[0]) FILE live|finish NEXT COUNT")
            exit(2)
        }
        do {
            try await run(file: arguments[1], isLast: arguments[2] == "finish", numbers: next..<(next + count))
        } catch {
            say("error \(error)")
            exit(1)
        }
    }

    private static func run(file: String, isLast: Bool, numbers: Range<Int>) async throws {
        var options = SQLiteLogOptions()
        options.migrate = Workload.createTables
        // The process before was killed, and the system may not have let go of its lock yet.
        options.ifOwned = .wait(upTo: .seconds(10))
        try await withEventBus(log: .sqlite(file, options: options), handlers: Workload.register) { bus in
            say("open")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<publishers {
                    group.addTask { try await publish(numbers.filter { $0 % publishers == publisher }, on: bus) }
                }
                try await group.waitForAll()
            }
            say("published")
            if isLast {
                try await finish(bus, numbers: 0..<numbers.upperBound)
            } else {
                let (never, end) = AsyncStream<Never>.makeStream()
                for await _ in never {}
                end.finish()
            }
        }
        say("finished")
    }

    private static func publish(_ numbers: [Int], on bus: EventBus) async throws {
        for number in numbers {
            let receipt = try await bus.publish(event(number), idempotencyKey: "n-\(number)")
            say("ack \(number) \(receipt.offset.rawValue)")
        }
    }

    /// Publishing a number again gives the receipt of the first time, and with it the outcome.
    private static func finish(_ bus: EventBus, numbers: Range<Int>) async throws {
        let receipts = try await bus.publish(contentsOf: numbers.map(event)) { "n-\($0.number)" }
        for receipt in receipts { _ = try await bus.outcome(of: receipt, including: .descendants) }
    }

    @Sendable private static func event(_ number: Int) -> Numbered {
        Numbered(number: number, key: "\(number % publishers)-\(number / publishers % 3)")
    }

    /// One write, so that a line is there wholly or not at all.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
