//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What the program says to its caller when it ends.
enum ExitCode {
    static let success: Int32 = 0
    /// A budget was missed that counts, or a benchmark could not be measured.
    static let failure: Int32 = 1
    static let usage: Int32 = 2
}
