//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// The command as it was built along with the tests.
enum Eventbus {
    /// What a run of it came to.
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String

        /// The lines of its output as JSON objects.
        var objects: [[String: Any]] {
            output.split(separator: "\n").compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }
    }

    /// Where the build puts a program: beside the tests.
    static func built(_ name: String) throws -> URL {
        #if canImport(Darwin)
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
        let folder = bundle.bundleURL.deletingLastPathComponent()
        #else
        let folder = Bundle.main.bundleURL
        #endif
        let url = folder.appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: url.path) else { throw CocoaError(.fileNoSuchFile) }
        return url
    }

    /// Runs it to its end, without a terminal. Files take its output: pipes could fill up.
    static func run(
        _ arguments: [String], log: String? = nil, environment: [String: String] = [:], program: String = "eventbus",
        in directory: String? = nil
    ) async throws -> Result {
        let folder = try Folder()
        let files = ["output", "errors"].map { URL(filePath: folder.path + "/" + $0) }
        for file in files { try Data().write(to: file) }
        let process = Process()
        process.executableURL = program.hasPrefix("/") ? URL(filePath: program) : try built(program)
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        process.arguments = arguments
        var all = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/bin", "USER": "tester"]
        if let log { all["EVENTBUS_DB"] = log }
        process.environment = all.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return Result(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }
}
