//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// The code with which the bus refused `body`; `nil` when it did not throw, or threw something else.
func errorCode(_ body: () async throws -> Void) async -> EventBusError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? EventBusError)?.code
    }
}

/// The reason for which a publish in `body` was rejected; `nil` when it was not, or something else was thrown.
func rejection(_ body: () async throws -> Void) async -> PublishError.Reason? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? PublishError)?.reason
    }
}

/// The error that a publish fails with, if it does.
func publishError(_ body: () async throws -> Void) async -> PublishError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? PublishError
    }
}
