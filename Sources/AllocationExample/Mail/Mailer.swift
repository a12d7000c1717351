//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Stands for a mail server: takes mails, and refuses what its faults say.
///
/// Like a real one it is outside of the transaction that records a mail as sent. A process that ends between the two sends the mail
/// again; the mail's number tells whoever gets it that it is the same.
final class Mailer: Sendable {
    private let faults: MailFaults
    private let isRepaired = Guarded(false)

    init(faults: MailFaults) {
        self.faults = faults
    }

    /// Sends a mail.
    ///
    /// - Parameter attempt: Which attempt it is, counted from 1.
    /// - Throws: ``MailRefusal`` if this attempt is one of those that are to fail.
    func send(_ mail: Mail, attempt: Int) throws(MailRefusal) {
        switch faults.fate(ofMail: mail.number) {
        case .accepted: break
        case .refused(let times): if attempt <= times { throw .busy }
        case .refusedUntilRepair: if !isRepaired.withLock({ $0 }) { throw .damagedSpool }
        }
    }

    /// Ends the fault that does not end by itself.
    func repair() {
        isRepaired.withLock { $0 = true }
    }
}
