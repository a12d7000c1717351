//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsCommandLine

@testable import AllocationExample

/// A console whose output can be looked at.
final class CapturedConsole: Sendable {
    private let output = Guarded("")
    private let notices = Guarded("")

    /// A console that writes here.
    func console(isForPrograms: Bool = false, columns: Int? = nil, isStyled: Bool = false) -> Console {
        Console(
            output: Output(columns: columns, isStyled: isStyled) { text in self.output.withLock { $0 += text } },
            notices: Output(columns: columns, isStyled: isStyled) { text in self.notices.withLock { $0 += text } },
            isForPrograms: isForPrograms)
    }

    /// What was written to standard output.
    var outputText: String { output.withLock { $0 } }
    /// What was written to standard error.
    var noticeText: String { notices.withLock { $0 } }

    var outputLines: [String] { Self.lines(outputText) }
    var noticeLines: [String] { Self.lines(noticeText) }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
