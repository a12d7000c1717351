//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// snippet: docs/getting-started.md, a service
import Dispatch
import Events
import Foundation
// end snippet
import EventsSQLite

/// The program as it is after "A service". It is compiled and not run here, since it sets up signal handlers.
enum ShopService {
    typealias OrderPlaced = FirstShop.OrderPlaced
    typealias Shop = ThirdShop.Shop

    static func main() async throws {
        // snippet: docs/getting-started.md, a service
        let shop = Shop()
        let bus = try EventBus { handlers in try shop.register(in: &handlers) }

        var sources: [any DispatchSourceSignal] = []
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .main)
            source.setEventHandler { bus.beginShutdown() }
            source.activate()
            sources.append(source)
        }

        try await bus.publish(OrderPlaced(orderID: "10248", customer: "VINET"))
        let report = try await bus.run()
        print(report)
        // end snippet
    }

    static func durableBus(_ shop: Shop) async throws -> EventBus {
        // snippet: docs/getting-started.md, a service that remembers
        let bus = try await EventBus(log: .sqlite("shop.db")) { handlers in
            try shop.register(in: &handlers)
        }
        // end snippet
        return bus
    }
}
