//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import AllocationExample

/// The service driven without a bus, in memory: every event is handled to its end before the next. What it comes to is what the bus
/// has to come to.
struct SynchronousRun {
    private let unit = MemoryUnitOfWork()
    private(set) var counts = EventCounts()
    private(set) var rejections: [StreamItem] = []
    /// Events that the domain refused.
    private(set) var refusals = 0

    private var service: AllocationService<MemoryUnitOfWork> { AllocationService(in: unit) }

    /// Drives a whole file through the service.
    mutating func drive(path: String) throws {
        var stream = try OrderStream(path: path)
        while let item = try stream.next() {
            switch item {
            case .event(let event, _):
                do {
                    try handle(event)
                } catch is AllocationError {
                    refusals += 1
                }
            case .rejected: rejections.append(item)
            }
        }
    }

    mutating func handle(_ event: AllocationEvent) throws {
        var waiting = [event][...]
        while let event = waiting.popFirst() {
            counts.count(event)
            switch event {
            case .batchCreated(let event): try service.addBatch(event)
            case .allocationRequired(let event): _ = try service.allocate(event.line)
            case .batchQuantityChanged(let event): try service.changeBatchQuantity(event)
            case .outOfStock: break
            }
            waiting += unit.takeEvents()
        }
    }

    /// Allocates one line, and returns what was published on the way.
    func allocate(_ line: OrderLine) throws -> (reference: String?, events: [AllocationEvent]) {
        (try service.allocate(line), unit.takeEvents())
    }

    var summary: Summary {
        Summary(
            events: counts, rejectedLines: rejections.count, deadLettered: refusals, stock: unit.totals, resumed: 0)
    }
}
