//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsSQLite

/// The list of mails: which are to be sent, and which were.
struct MailBook {
    /// The header by which an event carries the number of the mail about it.
    static let numberHeader = "mail"

    private let transaction: SQLiteTransaction

    init(_ transaction: SQLiteTransaction) {
        self.transaction = transaction
    }

    /// Notes that a mail about `sku` is to be sent, and returns its number.
    func add(_ sku: String) throws -> Int {
        try transaction.execute("INSERT INTO allocation_mails (sku) VALUES (?)", .text(sku))
        guard let row = try transaction.query("SELECT max(number) FROM allocation_mails").first else {
            throw LogFileError("a mail that was noted has no number")
        }
        return try row.integer(0)
    }

    /// Notes that a mail was sent.
    func noteSent(_ number: Int, withAttempt attempt: Int) throws {
        try transaction.execute(
            "UPDATE allocation_mails SET sent_with_attempt = ? WHERE number = ?", SQLiteValue(attempt), SQLiteValue(number))
    }
}

/// A mail that was sent after all.
struct SentMail: Sendable, Hashable {
    let number: Int
    let sku: String
    let attempt: Int

    /// Those that more than one attempt was made for, in order. There are few (``MailFaults``).
    static func late(_ database: SQLiteReadTransaction) throws -> [SentMail] {
        try database.query(
            "SELECT number, sku, sent_with_attempt FROM allocation_mails WHERE sent_with_attempt > 1 ORDER BY number"
        ).map { try SentMail(number: $0.integer(0), sku: $0.text(1), attempt: $0.integer(2)) }
    }
}
