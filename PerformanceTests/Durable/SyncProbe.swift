//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// How long the disk takes to keep something: what no commit can be faster than.
enum SyncProbe {
    /// Appends a page to a file and has it synced, again and again.
    ///
    /// - Returns: The time of each sync, in microseconds.
    static func samples(_ count: Int, in directory: ScratchDirectory) throws -> SortedSamples {
        let path = directory.path("probe")
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forUpdatingAtPath: path) else {
            throw SyncProbeError(path: path, code: errno)
        }
        defer { try? file.close() }
        let page = Data(repeating: 1, count: 4_096)
        var samples: [Double] = []
        samples.reserveCapacity(count)
        for _ in 0..<count {
            try file.write(contentsOf: page)
            let start = ContinuousClock.now
            #if os(Linux)
            let result = fdatasync(file.fileDescriptor)
            #else
            let result = fsync(file.fileDescriptor)
            #endif
            guard result == 0 else { throw SyncProbeError(path: path, code: errno) }
            samples.append(start.duration(to: .now) / .microseconds(1))
        }
        return SortedSamples(samples)
    }
}

/// The probe's file could not be made or synced.
struct SyncProbeError: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String { "\(path): \(String(cString: strerror(code)))" }
}
