//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import EventsSQLite

/// The lives of a `CrashTestProcess` on one file, and the ledger of what they acknowledged.
final class CrashedService {
    private let sandbox: FileSandbox
    private let program: String
    var file: String { sandbox("log.db") }
    /// By number, the offset that its acknowledgement named.
    private(set) var acknowledged: [Int: Int64] = [:]
    /// What cannot be true.
    private(set) var contradictions: [String] = []
    /// The first number that was not acknowledged.
    private var next = 0
    private var total = 0

    init() throws {
        sandbox = try FileSandbox()
        program = try #require(ChildProcess.built("CrashTestProcess"), "swift build makes CrashTestProcess beside the tests")
    }

    /// Starts a life and kills it after so many lines, and some time more.
    func liveAndDie(afterLines lines: Int, milliseconds: Int32) throws {
        let count = 60
        total = max(total, next + count)
        let child = try ChildProcess(program, [file, "live", "\(next)", "\(count)"])
        var seen = 0
        // With all numbers published the retries and the handlers go on for some milliseconds.
        while seen < lines, let line = child.line(within: 10_000) {
            seen += 1
            if take(line) == .published { break }
        }
        while let line = child.line(within: milliseconds) { take(line) }
        if child.hasEnded { contradictions.append("a life ended by itself") }
        child.kill()
        drain(child)
        if child.wait() != .signal(SIGKILL) { contradictions.append("a life was not killed") }
    }

    /// Publishes and handles what is left, under a program such as strace if one is given.
    ///
    /// - Returns: Whether it got to its end.
    @discardableResult
    func finish(publishing count: Int = 0, under wrapper: (path: String, arguments: [String])? = nil) throws -> Bool {
        total = max(total, next + count)
        let arguments = [file, "finish", "\(next)", "\(total - next)"]
        let child =
            if let wrapper {
                try ChildProcess(wrapper.path, wrapper.arguments + [program] + arguments)
            } else {
                try ChildProcess(program, arguments)
            }
        var isFinished = false
        while let line = child.line(within: 20_000) { isFinished = take(line) == .finished || isFinished }
        if !child.hasEnded {
            contradictions.append("stuck: no line for 20 seconds")
            child.kill()
        }
        drain(child)
        let end = child.wait()
        if isFinished, end != .exit(0) { contradictions.append("it finished and ended with \(end)") }
        return isFinished
    }

    /// What was written before the end counts, whenever it is read.
    private func drain(_ child: ChildProcess) {
        while let line = child.line(within: 10_000) { take(line) }
    }

    private enum Line: Equatable {
        case acknowledgement, open, published, finished, other
    }

    @discardableResult
    private func take(_ line: String) -> Line {
        switch line {
        case "open": return .open
        case "published": return .published
        case "finished": return .finished
        default: break
        }
        let words = line.split(separator: " ")
        guard words.count == 3, words[0] == "ack", let number = Int(words[1]), let offset = Int64(words[2]) else {
            contradictions.append("it said '\(line)'")
            return .other
        }
        if let before = acknowledged.updateValue(offset, forKey: number), before != offset {
            contradictions.append("\(number) was acknowledged at \(before) and at \(offset)")
        }
        while acknowledged[next] != nil { next += 1 }
        return .acknowledgement
    }

    /// Everything that is wrong with the file, now that all is finished.
    func problems() throws -> [String] {
        contradictions + (try CrashFindings(file).problems(acknowledged: acknowledged, total: total))
    }
}
