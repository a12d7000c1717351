//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A command's handler, whose types are known only to itself and to the one who sends the command.
protocol AnyCommandHandler: Sendable {}

struct CommandHandler<C: Command>: AnyCommandHandler {
    let run: @Sendable (C, CommandContext) async throws -> C.Reply

    init(_ run: @escaping @Sendable (C, CommandContext) async throws -> C.Reply) {
        self.run = run
    }
}

/// A command's handler as registered.
struct CommandDefinition: Sendable {
    let typeID: ObjectIdentifier
    let name: String
    let handler: any AnyCommandHandler

    static func duplicate(_ name: String) -> EventBusError {
        EventBusError(.duplicateCommandHandler, "the command '\(name)' has a handler already; a command has exactly one.")
    }
}
