//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Which event type owns which name. A name stands for one type, or stored events could be read as the wrong one.
final class EventNames: Sendable {
    private let owners = Guarded<[String: ObjectIdentifier]>([:])

    /// What is wrong with a name that a type wants to have.
    enum Problem {
        case invalid(String)
        case taken(String)
    }

    /// Claims the name for the type, if it is fit and free. Claiming it again is fine.
    func claim(_ name: String, for typeID: ObjectIdentifier) -> Problem? {
        owners.withLock { owners in
            if let owner = owners[name] {
                return owner == typeID
                    ? nil : .taken("two event types are named '\(name)'; a name stands for one type, so rename one of them.")
            }
            if let problem = Name.problem(name, of: "event") { return .invalid(problem) }
            owners[name] = typeID
            return nil
        }
    }

    /// Claims the name for the type, or throws what is wrong with it.
    func require(_ name: String, for typeID: ObjectIdentifier) throws(EventBusError) {
        switch claim(name, for: typeID) {
        case nil: break
        case .invalid(let problem): throw EventBusError(.invalidName, problem)
        case .taken(let problem): throw EventBusError(.nameTaken, problem)
        }
    }
}
