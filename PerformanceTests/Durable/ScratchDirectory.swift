//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CEventsSQLite
import Foundation

/// A directory for the files of one measurement, removed when nobody uses it any more.
///
/// It lies in `TMPDIR`, or in `/var/tmp`, which unlike `/tmp` is hardly ever memory: a log in memory says nothing about a log.
final class ScratchDirectory: Sendable {
    private let url: URL

    /// - Throws: ``ScratchError`` where files are kept in memory, and what the system says when the directory cannot be made.
    init() throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
        guard !Self.isInMemory(parent) else { throw ScratchError(directory: parent) }
        url = URL(fileURLWithPath: parent).appendingPathComponent("swift-events-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// The path of a file in it.
    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Whether a directory's file system keeps its files in memory, where that can be found out.
    static func isInMemory(_ directory: String) -> Bool {
        var type: UInt64 = 0
        var isLocal = false
        guard events_filesystem(directory, &type, &isLocal, nil, 0) == 0 else { return false }
        // tmpfs and ramfs, by the numbers that Linux has for them; elsewhere the type is 0.
        return [0x0102_1994, 0x8584_58F6].contains(type)
    }
}

/// The directory for temporary files is of no use here.
struct ScratchError: Error, CustomStringConvertible {
    let directory: String

    var description: String { "\(directory) is in memory; set TMPDIR to a directory on a disk." }
}
