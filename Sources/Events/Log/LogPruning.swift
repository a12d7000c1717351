//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Removes finished history: one small step of it.
public struct LogPruning: Sendable {
    /// Events published before this may go; `nil` is no such bound.
    public let before: Date?
    /// So many of the newest events stay; `nil` is no such bound.
    public let keeping: Int?
    /// The most events to remove in this step.
    public let limit: Int
    /// Told how many events were removed, and whether there may be more.
    public let completion: @Sendable (Result<(removed: Int, isDone: Bool), LogFailure>) -> Void

    /// A step of pruning.
    public init(
        before: Date?, keeping: Int?, limit: Int,
        completion: @escaping @Sendable (Result<(removed: Int, isDone: Bool), LogFailure>) -> Void
    ) {
        self.before = before
        self.keeping = keeping
        self.limit = limit
        self.completion = completion
    }
}
