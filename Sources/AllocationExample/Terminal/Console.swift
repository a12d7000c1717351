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

/// Where the program speaks: text for people, notices about what goes on and goes wrong, and the one line for programs.
///
/// Progress is written over itself where notices go to a terminal that is wide enough, and line by line elsewhere.
final class Console: Sendable {
    private struct State {
        /// How many columns of the terminal's last line show progress.
        var progressWidth = 0
        var failure: (any Error)?
    }

    private let output: Output
    private let notices: Output
    private let text: Output
    private let state = Guarded(State())

    /// Whether progress is written over itself.
    let isInPlace: Bool
    /// How to emphasise in text.
    let style: Style

    /// - Parameters:
    ///   - output: Where what was asked for goes.
    ///   - notices: Where progress, rejected lines and errors go.
    ///   - isForPrograms: Whether a program reads `output`. Then text for people goes to `notices` as well.
    init(output: Output = .standardOutput, notices: Output = .standardError, isForPrograms: Bool) {
        self.output = output
        self.notices = notices
        text = isForPrograms ? notices : output
        isInPlace = (notices.columns ?? 0) >= ProgressMeter.width
        style = Style(isOn: text.isStyled)
    }

    /// What went wrong first with text and results, if anything did.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Writes lines for people.
    func say(_ lines: [String]) {
        state.withLock { state in
            clearProgress(&state)
            write(lines.map { $0 + "\n" }.joined(), to: text, &state)
        }
    }

    /// Writes the line for programs.
    func result(_ line: String) {
        state.withLock { state in
            clearProgress(&state)
            write(line + "\n", to: output, &state)
        }
    }

    /// Writes one line about something that went wrong.
    func notice(_ line: String) {
        state.withLock { state in
            clearProgress(&state)
            // Whoever closed standard error does not want to hear of it.
            try? notices.write(line + "\n")
        }
    }

    /// Shows how far the work is; `nil` shows nothing any more.
    func show(progress: String?) {
        state.withLock { state in
            guard isInPlace else {
                if let progress { try? notices.write(progress + "\n") }
                return
            }
            guard let progress else {
                clearProgress(&state)
                return
            }
            let padding = String(repeating: " ", count: max(0, state.progressWidth - progress.count))
            try? notices.write("\r" + progress + padding)
            state.progressWidth = progress.count
        }
    }

    private func clearProgress(_ state: inout State) {
        guard state.progressWidth > 0 else { return }
        try? notices.write("\r" + String(repeating: " ", count: state.progressWidth) + "\r")
        state.progressWidth = 0
    }

    private func write(_ string: String, to destination: Output, _ state: inout State) {
        do {
            try destination.write(string)
        } catch {
            if state.failure == nil { state.failure = error }
        }
    }
}
