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

/// The subscriptions: one that retries and emits, one whose deliveries become dead letters, one that publishes in its transaction.
///
/// Each completed delivery leaves one row in `effects`, written in the commit that records its success. The parent counts them.
enum Workload {
    static func createTables(_ transaction: SQLiteTransaction) throws {
        try transaction.execute(
            """
            CREATE TABLE IF NOT EXISTS effects (
                id INTEGER PRIMARY KEY AUTOINCREMENT, subscription TEXT NOT NULL, offset INTEGER NOT NULL,
                ordering_key TEXT NOT NULL, attempt INTEGER NOT NULL)
            """)
    }

    static func register(_ handlers: inout HandlerRegistry) throws {
        try registerCount(&handlers)
        try registerPicky(&handlers)
        try registerSlow(&handlers)
    }

    /// Fails twice for every fifth number, and emits an event for every third one.
    private static func registerCount(_ handlers: inout HandlerRegistry) throws {
        try handlers.subscribe(
            "count", options: options(.constant(.milliseconds(2), maxAttempts: 4))
        ) {
            On(Numbered.self) { event, context in
                if event.number % 3 == 0 {
                    try context.emit(Followed(number: event.number, key: event.key, origin: "emitted"))
                }
                if event.number % 5 == 0, context.attempt < 3 { throw IntendedFailure() }
                try addEffect(event.key, context)
            }
            On(Followed.self) { event, context in try addEffect(event.key, context) }
        }
    }

    /// Judges every eleventh number to be wrong, fails all attempts of every thirteenth, and the first commit of every seventh.
    private static func registerPicky(_ handlers: inout HandlerRegistry) throws {
        try handlers.subscribe(
            "picky", options: options(.constant(.milliseconds(1), maxAttempts: 3), onDeadLetter: .continue)
        ) {
            On(Numbered.self) { event, context in
                if event.number % 11 == 0 { throw Disposition.permanentFailure("an eleventh number") }
                if event.number % 13 == 0 { throw IntendedFailure() }
                try addEffect(event.key, context)
                if event.number % 7 == 0, context.attempt < 2 {
                    try context.onCommit { _ in throw IntendedFailure() }
                }
            }
        }
    }

    /// Lets others run in the middle, and publishes an event in the transaction for every fourth number.
    private static func registerSlow(_ handlers: inout HandlerRegistry) throws {
        try handlers.subscribe("slow", options: options(.constant(.milliseconds(1), maxAttempts: 3))) {
            On(Numbered.self) { event, context in
                for _ in 0..<20 { await Task.yield() }
                try addEffect(event.key, context)
                guard event.number % 4 == 0 else { return }
                try context.onCommit { transaction in
                    try transaction.publish(Followed(number: event.number, key: event.key, origin: "published"))
                }
            }
        }
    }

    /// No limit to crashes: the parent kills without regard for what runs.
    private static func options(_ retry: RetryPolicy, onDeadLetter: DeadLetterPolicy = .automatic) -> SubscriptionOptions {
        SubscriptionOptions(retry: retry, onDeadLetter: onDeadLetter, maxCrashes: nil)
    }

    private static func addEffect(_ key: String, _ context: EventContext) throws {
        let (subscription, offset, attempt) = (context.subscription, context.metadata.offset.rawValue, context.attempt)
        try context.onCommit { transaction in
            try transaction.execute(
                "INSERT INTO effects (subscription, offset, ordering_key, attempt) VALUES (?, ?, ?, ?)",
                .text(subscription), .integer(offset), .text(key), .integer(Int64(attempt)))
        }
    }
}
