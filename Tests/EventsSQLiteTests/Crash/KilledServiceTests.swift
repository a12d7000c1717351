//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsTesting
import Foundation
import Testing

/// A process is killed at random moments, and again at each of its first writes and syncs. Whatever the moment: nothing that was
/// acknowledged is lost, nothing is out of order within a key, no effect happens twice, and nothing is stuck.
@Suite("A service that is killed", .serialized, .timeLimit(.minutes(30)))
struct KilledServiceTests {
    private static func number(_ name: String, otherwise: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? otherwise
    }

    /// `CRASH_TEST_KILLS` in the environment sets how many; `CRASH_TEST_SEED` makes them others.
    private static let kills = number("CRASH_TEST_KILLS", otherwise: 25)
    private static let killsPerFile = 25

    @Test("loses nothing and does nothing twice when it is killed at random moments", arguments: 0..<(kills + 24) / 25)
    func randomMoments(file: Int) async throws {
        let seed = UInt64(Self.number("CRASH_TEST_SEED", otherwise: 1))
        let problems = try await ChildProcess.onThread {
            var random = SplitMix64(seed: seed, purpose: UInt64(file))
            let service = try CrashedService()
            for _ in 0..<min(Self.killsPerFile, Self.kills - file * Self.killsPerFile) {
                // A quarter of the kills comes before the log is open, or soon after.
                let lines = random.next(below: 4) == 0 ? 0 : 1 + random.next(below: 62)
                let wait = lines == 0 ? random.next(below: 30) : random.next(below: 5)
                try service.liveAndDie(afterLines: lines, milliseconds: Int32(wait))
            }
            let isFinished = try service.finish(publishing: 40)
            return (isFinished ? [] : ["it did not finish"]) + (try service.problems())
        }
        #expect(problems.isEmpty, "seed \(seed), file \(file)")
    }

    /// `CRASH_TEST_CALLS` in the environment sets how many of the first 300 calls are tried.
    private static let calls: [Int] = {
        let count = min(max(number("CRASH_TEST_CALLS", otherwise: 20), 1), 300)
        return (0..<count).map { 1 + $0 * 300 / count }
    }()

    private static let strace: String? = {
        guard let path = ChildProcess.installed("strace"), let program = ChildProcess.installed("true") else { return nil }
        // Where tracing is forbidden, as in some containers, it is as if there were none.
        guard let child = try? ChildProcess(path, ["-f", "-qq", "-o", "/dev/null", program]) else { return nil }
        return child.wait() == .exit(0) ? path : nil
    }()

    @Test(
        "loses nothing and does nothing twice when it is killed at one of its first calls that write or sync",
        .enabled(if: strace != nil, "there is no strace here, or it may not trace"), arguments: calls)
    func systemCall(call: Int) async throws {
        let strace = try #require(Self.strace)
        let traced = "write,pwrite64,fsync,fdatasync,ftruncate"
        let problems = try await ChildProcess.onThread {
            let service = try CrashedService()
            let arguments = [
                "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(traced)", "-e", "inject=\(traced):signal=SIGKILL:when=\(call)",
            ]
            let isUnharmed = try service.finish(publishing: 60, under: (strace, arguments))
            let isFinished = try service.finish()
            return (isUnharmed ? ["it was not killed"] : []) + (isFinished ? [] : ["it did not finish"])
                + (try service.problems())
        }
        #expect(problems.isEmpty)
    }
}
