//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What opening a log does when another process, or another bus of this one, has it open.
public enum OwnerPolicy: Sendable, Hashable {
    /// Fails at once, naming the owner. This is the default.
    case fail
    /// Waits until the owner lets go, and fails after this long. Cancelling the task that opens the log ends the wait.
    case wait(upTo: Duration)
}
