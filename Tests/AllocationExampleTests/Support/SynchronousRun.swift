//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import AllocationExample

/// The service without a bus: each event is handled, then what it caused, breadth first, before the next one.
struct SynchronousRun {
    let service: AllocationService
    private let unitOfWork = UnitOfWork()
    private(set) var counts = EventCounts()
    private(set) var rejections: [StreamItem] = []
    /// Events that the domain refused.
    private(set) var refusals = 0

    init() {
        service = AllocationService(unitOfWork: unitOfWork)
    }

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
            case .batchCreated(let event): try service.addBatch(event) { waiting.append($0) }
            case .allocationRequired(let event): _ = try service.allocate(event.line) { waiting.append($0) }
            case .batchQuantityChanged(let event): try service.changeBatchQuantity(event) { waiting.append($0) }
            case .outOfStock: break
            }
        }
    }

    var summary: Summary {
        Summary(events: counts, rejectedLines: rejections.count, deadLettered: refusals, stock: unitOfWork.totals)
    }
}
