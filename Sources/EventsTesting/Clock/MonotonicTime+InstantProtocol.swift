//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

public import Events

/// Lets the bus's monotonic time be the time line of a Swift `Clock`, such as ``ManualClock``.
extension MonotonicTime: InstantProtocol {}
