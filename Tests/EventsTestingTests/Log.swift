//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsTesting

/// Collects values from tasks, in the order in which they come.
final class Log<Value: Sendable>: Sendable {
    private let state = Guarded<[Value]>([])

    func append(_ value: Value) {
        state.withLock { $0.append(value) }
    }

    var values: [Value] {
        state.withLock { $0 }
    }
}
