//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// What one client has said and is still to be told. A pure structure: bytes go in and come out, and the time is given.
///
/// ```
///                    a line                 the answer             sent
///   listening ───────────────▶ answering ───────────────▶ telling ─────▶ listening
///       │ too long, or no line in time                       │ not taken in time
///       └────────────────────────▶ over ◀────────────────────┘
/// ```
///
/// Lines that come while one is answered wait in what the system keeps, which is bounded: nothing more is received then.
struct ControlConnection {
    struct Limits: Sendable {
        /// The longest line, in bytes.
        var line = 1 << 20
        /// How long a client may take to say a whole line, or to take an answer.
        var patience = Duration.seconds(10)
        /// How long it may say nothing at all.
        var idle = Duration.seconds(60)
    }

    enum Input: Equatable {
        /// Nothing to do yet.
        case none
        /// A whole line, to be answered.
        case line([UInt8])
        /// The client says more than it may.
        case tooLong
    }

    private enum Phase {
        case listening
        case answering
        case telling
    }

    private let limits: Limits
    private var phase = Phase.listening
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var told = 0
    /// Whether nothing more is received after the answer.
    private var endsAfterAnswer = false
    /// When it is given up; `nil` while the bus is to answer.
    private(set) var deadline: MonotonicTime?

    init(limits: Limits, at now: MonotonicTime) {
        self.limits = limits
        deadline = now.advanced(by: limits.idle)
    }

    /// Whether to receive.
    var isListening: Bool { phase == .listening }
    /// What is still to be sent.
    var rest: ArraySlice<UInt8> { output[told...] }
    /// Whether the client waits for nothing, so that it could be sent away for another.
    var isIdle: Bool { phase == .listening && input.isEmpty }

    /// Bytes were received.
    mutating func receive(_ bytes: some Collection<UInt8>, at now: MonotonicTime) -> Input {
        guard phase == .listening else { return .none }
        if input.isEmpty { deadline = now.advanced(by: limits.patience) }
        input.append(contentsOf: bytes)
        return nextLine()
    }

    private mutating func nextLine() -> Input {
        guard let end = input.firstIndex(of: UInt8(ascii: "\n")) else {
            guard input.count > limits.line else { return .none }
            phase = .answering
            endsAfterAnswer = true
            deadline = nil
            return .tooLong
        }
        guard end <= limits.line else {
            phase = .answering
            endsAfterAnswer = true
            deadline = nil
            return .tooLong
        }
        let line = Array(input[..<end])
        input.removeSubrange(...end)
        phase = .answering
        deadline = nil
        return .line(line)
    }

    /// The line was answered.
    mutating func answer(_ line: [UInt8], at now: MonotonicTime) {
        guard phase == .answering else { return }
        output = line + [UInt8(ascii: "\n")]
        told = 0
        phase = .telling
        deadline = now.advanced(by: limits.patience)
    }

    /// So many bytes were sent. Returns what comes next: a line that had come before, nothing, or `nil` when it is over.
    mutating func sent(_ count: Int, at now: MonotonicTime) -> Input? {
        guard phase == .telling else { return Input.none }
        told += count
        guard told >= output.count else { return Input.none }
        output = []
        told = 0
        if endsAfterAnswer { return nil }
        phase = .listening
        deadline = now.advanced(by: input.isEmpty ? limits.idle : limits.patience)
        return nextLine()
    }
}
