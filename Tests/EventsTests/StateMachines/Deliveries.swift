//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsTesting
import Foundation

/// Makes a delivery as the bus would: its event is committed at an offset and nothing has been tried yet.
func makeDelivery(_ offset: Int64, key: String? = nil) -> Delivery {
    let origin = EventOrigin(
        id: EventID(high: 0, low: UInt64(offset)), bus: ObjectIdentifier(EventBus.self), publishedAt: ManualClock.defaultStart,
        details: nil)
    let record = TypedEventRecord(Numbered(Int(offset), key: key), origin: origin)
    record.commit(at: Offset(rawValue: offset))
    return Delivery(record: record, handler: 0)
}

extension Delivery {
    /// The offset as a plain number, for comparisons that read well.
    var number: Int64 { offset.rawValue }
}

extension Sequence<Delivery> {
    var numbers: [Int64] { map(\.number) }
}
