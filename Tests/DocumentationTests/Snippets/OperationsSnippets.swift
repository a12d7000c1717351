//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsOperations

/// What docs/operations.md shows.
enum OperationsSnippets {
    static func letters(_ path: String) async throws {
        // snippet: docs/operations.md, letters
        let operations = BusOperations(database: path)
        for group in try await operations.deadLetterGroups() {
            print("\(group.letters) of \(group.subscription): \(group.errorType)")
        }
        let letters = try await operations.deadLetters().letters
        for letter in letters where letter.errorType == "MailRefused" {
            guard let id = DeadLetter.ID(letter.id) else { continue }
            try await operations.retry(.one(id), reason: "the mail server is back")
        }
        // end snippet
    }

    // snippet: docs/operations.md, command
    func runCommand(_ arguments: [String]) async -> Int32? {
        guard arguments.first == "bus" else { return nil }
        let command = OperationsCommand(name: "Shop bus", database: "shop.db")
        return await command.run(Array(arguments.dropFirst()))
    }
    // end snippet
}
