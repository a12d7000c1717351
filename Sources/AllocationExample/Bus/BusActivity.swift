//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// Counts the retries, to show that something goes on while everything waits for one. It is the bus's observer, so it must be quick.
final class BusActivity: Sendable {
    private let state = Guarded(0)

    /// Attempts of this run that failed and were to be repeated.
    var retries: Int { state.withLock { $0 } }

    func note(_ signal: Signal) {
        if signal.kind == .retried { state.withLock { $0 += 1 } }
    }
}
