//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Text that is compared byte by byte, as a log compares it.
///
/// To a `String` an `é` of one scalar and one of two are the same. Ordering keys and idempotency keys are compared here and in the log,
/// and both have to come to the same result.
package struct ExactText: Sendable, Hashable, Comparable {
    /// The text.
    package let string: String

    /// Text as it is.
    package init(_ string: String) {
        self.string = string
    }

    package static func == (first: ExactText, second: ExactText) -> Bool {
        // Going through the bytes one by one would be the slowest part of finding a lane.
        first.string.utf8.withContiguousStorageIfAvailable { bytes in
            second.string.utf8.withContiguousStorageIfAvailable { bytes.count == $0.count && bytes.elementsEqual($0) }
        }.flatMap(\.self) ?? first.string.utf8.elementsEqual(second.string.utf8)
    }

    package static func < (first: ExactText, second: ExactText) -> Bool {
        first.string.utf8.lexicographicallyPrecedes(second.string.utf8)
    }

    // Texts of the same bytes are equal as strings, too, and so are their hashes.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(string)
    }
}
