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

@Suite("Statistics as text")
struct StatisticsTextTests {
    @Test("are a line for the bus and one for each subscription, with what is not zero")
    func lines() {
        var statistics = EventBusStatistics()
        statistics.published = 599
        statistics.workers = 2
        statistics.subscriptions = ["stock": .init(), "mail": .init()]
        statistics.subscriptions["stock"]?.completed = 12
        statistics.subscriptions["stock"]?.lag = 3
        statistics.absentSubscriptions = ["old", "audit"]
        #expect(
            "\(statistics)" == """
                published 599, workers 2
                mail: nothing yet
                stock: completed 12, lag 3
                absent: audit, old
                """)
        #expect("\(EventBusStatistics())" == "nothing yet")
    }
}
