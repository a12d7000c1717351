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

/// A service that a test kills while it redrives dead letters: `LetterTestProcess FILE fail|work COUNT`.
///
/// With `fail` it publishes so many orders whose handler fails each, and ends when all are dead letters. With `work` it opens the log,
/// says `open`, and handles what is redriven until it is killed, with a row in the table `handled` for each delivery, in the commit of
/// its success.
@main
enum LetterTestProcess {
    struct Order: Event {
        static let name = "order.placed"
        var number: Int
    }

    struct Refused: Error {}

    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[3]) else { exit(2) }
        do {
            try await run(arguments[1], fails: arguments[2] == "fail", count)
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ path: String, fails: Bool, _ count: Int) async throws {
        var options = SQLiteLogOptions()
        options.ifOwned = .wait(upTo: .seconds(20))
        options.migrate = { try $0.execute("CREATE TABLE IF NOT EXISTS handled (number INTEGER NOT NULL)") }
        try await withEventBus(
            log: .sqlite(path, options: options),
            handlers: { handlers in
                try handlers.subscribe("mail", to: Order.self, retry: .none) { order, context in
                    if fails { throw Refused() }
                    try context.onCommit { try $0.execute("INSERT INTO handled VALUES (?)", .integer(Int64(order.number))) }
                }
            }
        ) { bus in
            if fails {
                for receipt in try await bus.publish(contentsOf: (1...count).map { Order(number: $0) }) {
                    _ = try await bus.outcome(of: receipt)
                }
                return
            }
            FileHandle.standardOutput.write(Data("open\n".utf8))
            let (never, end) = AsyncStream<Never>.makeStream()
            for await _ in never {}
            end.finish()
        }
    }
}
