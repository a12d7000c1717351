//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// What the publishers publish.
struct Numbered: Event {
    static let name = "crash.numbered"
    let number: Int
    let key: String
    var orderingKey: String? { key }
}

/// What handlers emit because of a number.
struct Followed: Event {
    static let name = "crash.followed"
    let number: Int
    let key: String
    /// Which handler's it is.
    let origin: String
    var orderingKey: String? { key }
}

/// Why an attempt fails that is to fail.
struct IntendedFailure: Error {}
