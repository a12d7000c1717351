//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

/// What a snippet prints while it runs, so that a test can compare it with what the page says it prints.
final class Transcript: Sendable {
    @TaskLocal static var current: Transcript?

    private let state = Guarded<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    func append(_ line: String) {
        state.withLock { $0.append(line) }
    }

    /// Runs a snippet and returns what it printed. The bus's workers are tasks that inherit from the task that runs the bus, so what
    /// handlers print is part of it.
    static func of(_ snippet: () async throws -> Void) async throws -> [String] {
        let transcript = Transcript()
        try await $current.withValue(transcript) { try await snippet() }
        return transcript.lines
    }
}

/// Takes the place of the standard library's `print` in the snippets.
func print(_ items: Any...) {
    Transcript.current?.append(items.map { "\($0)" }.joined(separator: " "))
}
