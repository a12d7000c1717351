//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How much is sent, by how many, how, and to how many.
struct Load: Sendable, Hashable {
    var events: Int
    var producers = 1
    var workers = 4
    /// How many events are handed over together; 1 is one by one.
    var batchSize = 1

    /// Runs `produce` for each producer, side by side, with the numbers of the events that are its share.
    ///
    /// A share is handed over whole, so that the measured loop over its events is the contender's own, with nothing in between.
    func withProducers(_ produce: @escaping @Sendable (Range<Int>) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<producers {
                let share = events * producer / producers..<events * (producer + 1) / producers
                group.addTask { try await produce(share) }
            }
            try await group.waitForAll()
        }
    }

    /// The numbers of a share in batches, the last of which may be smaller.
    func batches(of share: Range<Int>) -> some Sequence<Range<Int>> {
        stride(from: share.lowerBound, to: share.upperBound, by: batchSize).lazy.map { start in
            start..<Swift.min(start + batchSize, share.upperBound)
        }
    }
}
