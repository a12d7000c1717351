//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Who asked for a change of dead letters, and why. A log may keep it; the SQLite log does.
public struct LogAudit: Sendable, Hashable {
    /// Who, in a form for people. The default is the service's own code.
    public var actor: String
    /// Why. The default is empty.
    public var reason: String

    /// An entry.
    public init(actor: String = "service", reason: String = "") {
        self.actor = actor
        self.reason = reason
    }

    /// The service's own code asked, and gave no reason.
    public static let service = LogAudit()
}
