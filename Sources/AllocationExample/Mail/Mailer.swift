//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Stands for a mail server: counts what it takes, and refuses what its faults say.
final class Mailer: Sendable {
    /// A mail that was refused at least once.
    struct RefusedMail: Sendable, Hashable {
        let mail: Mail
        /// What led to it, at its latest attempt.
        var cause: MailCause
        /// Whether it was sent after all.
        var isSent = false
        fileprivate let number: Int
    }

    private struct State {
        var mails = 0
        var sent = 0
        var isRepaired = false
        var refused: [RefusedMail] = []
    }

    private let faults: MailFaults
    private let state = Guarded(State())

    init(faults: MailFaults) {
        self.faults = faults
    }

    /// Sends a mail.
    ///
    /// - Throws: ``MailRefusal`` if this attempt is one of those that are to fail.
    func send(_ mail: Mail, cause: MailCause) throws(MailRefusal) {
        let refusal = state.withLock { state -> MailRefusal? in
            var position = state.refused.firstIndex { $0.cause.deliveryID == cause.deliveryID }
            if position == nil { state.mails += 1 }
            let number = position.map { state.refused[$0].number } ?? state.mails
            let refusal = self.refusal(ofMail: number, attempt: cause.attempt, isRepaired: state.isRepaired)
            if refusal != nil, position == nil {
                position = state.refused.count
                state.refused.append(RefusedMail(mail: mail, cause: cause, number: number))
            }
            if let position {
                state.refused[position].cause = cause
                state.refused[position].isSent = refusal == nil
            }
            if refusal == nil { state.sent += 1 }
            return refusal
        }
        if let refusal { throw refusal }
    }

    /// Ends the fault that does not end by itself.
    func repair() {
        state.withLock { $0.isRepaired = true }
    }

    /// Mails there were, refused ones included, each once.
    var mails: Int { state.withLock { $0.mails } }

    /// Mails that were taken.
    var sent: Int { state.withLock { $0.sent } }

    /// Every mail that was ever refused, in the order of the refusals. There are few (``MailFaults``).
    var refused: [RefusedMail] { state.withLock { $0.refused } }

    /// The mail that is refused until ``repair()``, if it was tried.
    var stuck: RefusedMail? {
        refused.first { faults.fate(ofMail: $0.number) == .refusedUntilRepair }
    }

    private func refusal(ofMail number: Int, attempt: Int, isRepaired: Bool) -> MailRefusal? {
        switch faults.fate(ofMail: number) {
        case .accepted: nil
        case .refused(let times): attempt <= times ? .busy : nil
        case .refusedUntilRepair: isRepaired ? nil : .damagedSpool
        }
    }
}
