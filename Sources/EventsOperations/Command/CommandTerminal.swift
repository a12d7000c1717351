//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import EventsCommandLine

/// Where a command reads and writes.
package struct CommandTerminal: Sendable {
    /// What was asked for.
    package var output: Output
    /// Messages.
    package var notices: Output
    /// Asks a question that is answered by yes or no; `nil` where there is nobody to ask.
    package var ask: (@Sendable (String) -> Bool)?
    package var environment: [String: String]
    /// Waits between two looks.
    package var pause: @Sendable (Duration) async throws -> Void

    package init(
        output: Output, notices: Output, ask: (@Sendable (String) -> Bool)? = nil, environment: [String: String] = [:],
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.output = output
        self.notices = notices
        self.ask = ask
        self.environment = environment
        self.pause = pause
    }

    /// What a table is to fit; `nil` where it is not for a terminal.
    var width: Int? { output.columns }
    var style: Style { Style(isOn: output.isStyled) }
}
