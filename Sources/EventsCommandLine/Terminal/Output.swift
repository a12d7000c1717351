//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// One of the two streams a program writes to.
package struct Output: Sendable {
    /// Writes text as it is, at once. It throws if the text could not be written.
    package let write: @Sendable (String) throws -> Void
    /// How wide the terminal is, or `nil` if this is none.
    package var columns: Int?
    /// Whether text may be made bold.
    package var isStyled = false

    package static let standardOutput = Output(descriptor: STDOUT_FILENO)
    package static let standardError = Output(descriptor: STDERR_FILENO)

    package init(columns: Int? = nil, isStyled: Bool = false, write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
        self.columns = columns
        self.isStyled = isStyled
    }

    private init(descriptor: Int32) {
        let isTerminal = isatty(descriptor) == 1
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        columns = isTerminal ? (isKnown ? Int(size.ws_col) : 80) : nil
        isStyled = isTerminal && Self.allowsStyle(ProcessInfo.processInfo.environment)
        write = { try Self.write(Array($0.utf8), to: descriptor) }
    }

    /// Writes all of it: a pipe may take only a part at once, or, if its other end made it so, ask to wait.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(OutputError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&request, 1, -1)
            case let code: throw OutputError(code: code)
            }
        }
    }

    /// Whether the user takes more than plain text: `NO_COLOR` that is not empty says no (no-color.org), and so does a terminal that
    /// can do nothing.
    package static func allowsStyle(_ environment: [String: String]) -> Bool {
        environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }
}

/// Text could not be written.
package struct OutputError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system's error number.
    package let code: Int32

    package init(code: Int32) {
        self.code = code
    }

    package var description: String { String(cString: strerror(code)) }
}
