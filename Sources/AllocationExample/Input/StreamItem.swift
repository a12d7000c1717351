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
    case event(AllocationEvent, line: Int)
    /// The line is malformed. Its number counts from 1, blank lines included; the reason is a clause that can follow "line 17: ".
    case rejected(line: Int, reason: String)
}
