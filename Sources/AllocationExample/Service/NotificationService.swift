//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The use case that tells people.
struct NotificationService: Sendable {
    private let mailer: Mailer

    init(mailer: Mailer) {
        self.mailer = mailer
    }

    /// Tells the buyers that a SKU is out of stock.
    ///
    /// - Parameters:
    ///   - number: Which of all mails it is. The same event has the same number at every attempt.
    ///   - attempt: Which attempt it is, counted from 1.
    /// - Throws: ``MailRefusal`` if the mail server does not take the mail now.
    func sendOutOfStockNotification(_ event: OutOfStock, number: Int, attempt: Int) throws {
        let mail = Mail(number: number, recipient: "stock@example.com", subject: "\(event.sku) is out of stock")
        try mailer.send(mail, attempt: attempt)
    }
}
