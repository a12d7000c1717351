//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A mail to send.
struct Mail: Sendable, Hashable {
    /// Which of all mails it is, counted from 1. It is its identity: who gets the same number twice got the same mail twice.
    let number: Int
    let recipient: String
    let subject: String
}
