//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Which mails the mail server refuses on purpose. It depends on a mail's number alone, so every run has the same number of faults, also
/// one that was interrupted.
enum MailFaults: Sendable, Hashable {
    case none
    /// The first mail is refused until the server is repaired; of the others every twelfth is refused once or twice, but no more than
    /// thirty of them: a stream that sends many mails shall not wait for many retries.
    case some

    /// The mail that is refused until the server is repaired.
    static let stuckNumber = 1

    /// How a mail fares.
    enum Fate: Sendable, Hashable {
        case accepted
        /// Refused at the first so many attempts.
        case refused(times: Int)
        case refusedUntilRepair

        /// Whether it is refused, and sent later without anybody's doing.
        var isPassing: Bool {
            if case .refused = self { true } else { false }
        }
    }

    /// - Parameter number: Which mail it is, counted from 1.
    func fate(ofMail number: Int) -> Fate {
        guard self == .some else { return .accepted }
        if number == Self.stuckNumber { return .refusedUntilRepair }
        let (turn, rest) = number.quotientAndRemainder(dividingBy: 12)
        guard rest == 0, (1...30).contains(turn) else { return .accepted }
        return .refused(times: turn.isMultiple(of: 2) ? 2 : 1)
    }
}

/// The mail server did not take a mail.
enum MailRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// For a moment, so trying again helps.
    case busy
    /// Where this one mail was to lie; only a repair helps.
    case damagedSpool

    var description: String {
        switch self {
        case .busy: "450 server busy (injected fault)"
        case .damagedSpool: "452 spool damaged (injected fault)"
        }
    }
}
