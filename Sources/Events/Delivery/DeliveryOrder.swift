//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// In which order a subscription's deliveries may run, and which may run side by side.
public enum DeliveryOrder: Sendable, Hashable {
    /// Events with the same ordering key run one at a time, in publish order, retries included; different keys, and events
    /// without one, run side by side. This is the default.
    case perKey
    /// All events run one at a time, in publish order.
    case serial
    /// Events start in about publish order and may overlap freely; a dead letter never makes others wait.
    case unordered
}
