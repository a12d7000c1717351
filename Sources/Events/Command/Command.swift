//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A request with exactly one handler and a typed result.
///
/// ```swift
/// struct Allocate: Command {
///     typealias Reply = String
///     var orderID: String
///     var sku: String
/// }
/// let reference = try await bus.send(Allocate(orderID: "10248", sku: "CHAI"))
/// ```
///
/// Commands are not stored, retried or dead-lettered: the sender gets the result or the error and decides. There is no order between
/// commands and events; state that both change must serialise itself.
public protocol Command: Sendable {
    /// What the handler returns. The default is `Void`.
    associatedtype Reply: Sendable = Void

    /// The command's name in signals and messages. The default is the name of the type.
    static var name: String { get }
}

extension Command {
    public static var name: String { String(describing: Self.self) }
}
