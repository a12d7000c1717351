//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Why a line is malformed.
struct Rejection: Error, Sendable, Hashable {
    /// What is wrong, where, and what to write instead.
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
