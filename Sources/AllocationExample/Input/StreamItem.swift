//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What one line of the order stream came to.
enum StreamItem: Sendable, Hashable {
    case event(AllocationEvent, line: LineID)
    /// The line is malformed. The reason is a clause that can follow "line 17: ".
    case rejected(line: LineID, reason: String)

    var line: LineID {
        switch self {
        case .event(_, let line), .rejected(let line, _): line
        }
    }
}
