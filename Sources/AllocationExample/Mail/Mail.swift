//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// A mail to send.
struct Mail: Sendable, Hashable {
    let recipient: String
    let subject: String
    /// What it is about.
    let sku: String
}

/// What leads to a mail: one attempt of one delivery.
struct MailCause: Sendable, Hashable {
    /// The delivery, which is the same in every attempt: two causes that share it ask for the same mail.
    let deliveryID: DeadLetter.ID
    /// Which attempt it is, counted from 1.
    let attempt: Int
}

extension MailCause {
    init(_ context: EventContext) {
        self.init(deliveryID: context.deliveryID, attempt: context.attempt)
    }
}
