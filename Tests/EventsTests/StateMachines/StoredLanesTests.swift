//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import Testing

@Suite("What only the log has, by lane")
struct StoredLanesTests {
    /// Asks for the next load, of whatever lane.
    private func loads(_ lanes: inout StoredLanes) -> Bool {
        lanes.nextLoad { _ in true } != nil
    }

    @Test("a look that ends with nothing changed since it began is the last one")
    func looks() {
        var lanes = StoredLanes()
        lanes.add(3, to: nil)
        #expect(loads(&lanes))
        #expect(!loads(&lanes), "one load of a lane at a time")
        lanes.finishLoading(nil, count: 2, isStart: true, isEnd: false, isBlocked: false)
        #expect(loads(&lanes))
        lanes.finishLoading(nil, count: 1, isStart: false, isEnd: true, isBlocked: false)
        #expect(lanes.isEmpty && !loads(&lanes))
    }

    @Test("what is stored between two pages of a look, and lies before the second, is found by another look")
    func betweenPages() {
        var lanes = StoredLanes()
        lanes.add(3, to: nil)
        #expect(loads(&lanes))
        lanes.finishLoading(nil, count: 2, isStart: true, isEnd: false, isBlocked: false)
        // A letter is sent back.
        lanes.add(1, to: nil)
        #expect(loads(&lanes))
        lanes.finishLoading(nil, count: 0, isStart: false, isEnd: true, isBlocked: false)
        #expect(lanes.count() > 0 && loads(&lanes))
        lanes.finishLoading(nil, count: 1, isStart: true, isEnd: true, isBlocked: false)
        #expect(lanes.isEmpty && !loads(&lanes))
    }

    @Test("what is stored while a page is read is found by another look")
    func duringPage() {
        var lanes = StoredLanes()
        lanes.add(1, to: nil)
        #expect(loads(&lanes))
        lanes.add(1, to: nil)
        lanes.finishLoading(nil, count: 1, isStart: true, isEnd: true, isBlocked: false)
        #expect(loads(&lanes))
        lanes.finishLoading(nil, count: 1, isStart: true, isEnd: true, isBlocked: false)
        #expect(lanes.isEmpty)
    }
}
