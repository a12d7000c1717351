//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Whether a dead letter makes the later events of its key wait.
public enum DeadLetterPolicy: Sendable, Hashable {
    /// A delivery that ran out of attempts parks its key, since nobody knows what state it left behind; one that failed
    /// permanently, where the handler judged the event itself wrong, or that lay too deep for a handler to run at all, lets its
    /// key go on. This is the default.
    case automatic
    /// Every dead letter parks its key until it completes after a redrive or is discarded.
    case park
    /// No dead letter parks its key.
    case `continue`
}
