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
    /// - Parameter cause: What leads to the mail. The same delivery sends the same mail, also in a later attempt.
    /// - Throws: ``MailRefusal`` if the mail server does not take the mail now.
    func sendOutOfStockNotification(_ event: OutOfStock, cause: MailCause) throws {
        let mail = Mail(recipient: "stock@example.com", subject: "\(event.sku) is out of stock", sku: event.sku)
        try mailer.send(mail, cause: cause)
    }
}
