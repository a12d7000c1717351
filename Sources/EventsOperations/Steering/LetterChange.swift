//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events
internal import EventsSQLite

/// Which dead letters to change.
public enum LetterSelector: Sendable, Hashable {
    /// One.
    case one(DeadLetter.ID)
    /// All that a filter matches.
    case matching(DeadLetterFilter)

    var control: ControlLetters {
        switch self {
        case .one(let id): .one(id.description)
        case .matching(let filter): .matching(filter)
        }
    }
}

/// What a change of dead letters came to.
public struct LetterChange: Sendable, Hashable, Codable {
    /// How many were changed.
    public var letters: Int
    /// The identities of the first thousand of them.
    public var ids: [String]
    /// Whether a running bus made it. Otherwise the next bus finds it made.
    public var isLive: Bool
}
