//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsSQLite

extension EventBusConfiguration {
    /// How the service's bus works.
    ///
    /// - Parameters:
    ///   - workers: How many handlers run at the same time at most.
    ///   - activity: What counts along.
    static func allocation(workers: Int, activity: BusActivity) -> EventBusConfiguration {
        var configuration = EventBusConfiguration(workers: workers)
        configuration.hooks.observe = { activity.note($0) }
        return configuration
    }
}

extension SQLiteLogOptions {
    /// How the service's log works.
    ///
    /// - Parameter begin: Is told where the run begins, before anything is handled.
    static func allocation(_ begin: @escaping @Sendable (StartingPoint) -> Void) -> SQLiteLogOptions {
        var options = SQLiteLogOptions()
        // A batch that shrinks gives back all its lines in one commit, as many as the stream likes.
        options.actionBudget = .seconds(600)
        options.migrate = { transaction in
            try Schema.migrate(transaction)
            begin(try StartingPoint(transaction))
        }
        return options
    }
}
