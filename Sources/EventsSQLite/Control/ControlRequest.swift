//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

/// What somebody asks of the owner of a log: one line of JSON each way.
///
/// A newer command may talk to an older bus and the other way round, so both say which version of this they speak. What a version
/// does not know is refused and never guessed at.
package struct ControlRequest: Codable, Sendable, Hashable {
    /// The version that this code speaks.
    package static let currentVersion = 1

    package var version = Self.currentVersion
    /// Who asks, as they call themselves. The owner adds the user that the system knows.
    package var actor: String
    /// Why.
    package var reason: String
    package var change: ControlChange

    package init(_ change: ControlChange, actor: String, reason: String = "") {
        self.change = change
        self.actor = actor
        self.reason = reason
    }
}

/// What can be asked for.
package enum ControlChange: Codable, Sendable, Hashable {
    /// What the bus has in memory. It changes nothing.
    case status
    /// Send dead letters back.
    case retry(ControlLetters)
    /// Give dead letters up.
    case discard(ControlLetters)
    /// Set values in what a dead letter is handled with.
    case edit(letter: String, values: [ControlEdit])
    /// Fix the set of dead letters that a filter matches now.
    case plan(DeadLetterFilter)
    /// Carry a plan out.
    case apply(plan: Int64, pace: PlanPace)
    /// Stop a plan.
    case cancel(plan: Int64)
}

/// Which dead letters are meant.
package enum ControlLetters: Codable, Sendable, Hashable {
    /// One, by its written identity.
    case one(String)
    /// All that a filter matches.
    case matching(DeadLetterFilter)
}

/// A value to set.
package struct ControlEdit: Codable, Sendable, Hashable {
    /// Where, as a JSON pointer.
    package var pointer: String
    /// The value, as JSON.
    package var value: String

    package init(pointer: String, value: String) {
        self.pointer = pointer
        self.value = value
    }
}

/// What came of a request.
package enum ControlResult: Codable, Sendable, Hashable {
    case status(BusStatus)
    /// So many dead letters were changed; the identities of the first thousand of them.
    case letters(count: Int, ids: [String])
    /// A letter was edited, for this time.
    case edited(number: Int)
    /// A plan was made of so many letters; none was if there are none.
    case plan(id: Int64, letters: Int)
    case done

    /// How many identities are told.
    static let longestList = 1_000

    static func letters(_ ids: [DeadLetter.ID]) -> ControlResult {
        .letters(count: ids.count, ids: ids.prefix(longestList).map(\.description))
    }
}

/// Why a request came to nothing.
package struct ControlError: Codable, Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Codable, Sendable {
        /// What was asked for cannot be.
        case invalid
        /// There is no such dead letter, or no such plan.
        case unknown
        /// It cannot be done now, or not by this owner.
        case refused
        /// The log could not do it.
        case failed
        /// This owner does not know what was asked for.
        case unsupported
    }

    package var code: Code
    /// What happened, and what to do about it.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// What an error of the log or of the bus comes to.
    init(_ error: any Error) {
        switch error {
        case let error as ControlError: self = error
        case let failure as LogFailure:
            let code: Code =
                switch failure.reason {
                case .invalid: .invalid
                case .owned, .newer, .unsupported, .closed: .refused
                default: .failed
                }
            self.init(code, failure.message)
        case let error as EventBusError: self.init(error.code == .unknownDeadLetter ? .unknown : .refused, error.message)
        case is CancellationError: self.init(.refused, "the bus is shutting down")
        default: self.init(.failed, "\(error)")
        }
    }
}

/// The owner's answer.
package struct ControlReply: Codable, Sendable, Hashable {
    package var version = ControlRequest.currentVersion
    package var result: ControlResult?
    package var error: ControlError?

    package init(_ result: Result<ControlResult, ControlError>) {
        switch result {
        case .success(let value): self.result = value
        case .failure(let failure): error = failure
        }
    }
}
