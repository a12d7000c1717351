//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Dispatch
import Foundation

/// The executable as it was built along with the tests.
struct BuiltExecutable {
    /// What a run of it came to.
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    private let url: URL

    /// The executable, or `nil` if it is not where the build puts it: beside the tests.
    init?() {
        #if canImport(Darwin)
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
        let folder = bundle.bundleURL.deletingLastPathComponent()
        #else
        let folder = Bundle.main.bundleURL
        #endif
        url = folder.appendingPathComponent("AllocationExample")
        guard FileManager.default.isExecutableFile(atPath: url.path) else { return nil }
    }

    static var exists: Bool { BuiltExecutable() != nil }

    /// Runs it to its end. Files take its output: pipes could fill up.
    ///
    /// - Parameter killedAfter: When to kill it, if it has not ended by then; `nil` lets it run.
    func run(_ arguments: [String], killedAfter moment: DispatchTimeInterval? = nil) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("allocation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["output", "errors"].map { folder.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }
        let handles = try files.map { try FileHandle(forWritingTo: $0) }

        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
                if let moment {
                    // A child that has ended meanwhile is not another process yet: nobody has reaped it before it is known here.
                    DispatchQueue.global().asyncAfter(deadline: .now() + moment) {
                        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
                    }
                }
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return Result(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }
}
