//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine
import Foundation

/// Where the log of a run is kept.
enum LogFile {
    static let name = "orders.db"

    /// The file that the options ask for: theirs, or a fresh one in a temporary folder of its own.
    ///
    /// - Throws: ``UsageError`` if the file exists and is not to be resumed; ``LogFileError`` if no folder can be made.
    static func path(for options: Options) throws -> String {
        guard let path = options.database else { return try temporaryFolder().appendingPathComponent(name).path }
        // It may be the log of a run that somebody wants to go on with, so nobody's guess decides.
        if !options.resume, exists(path) {
            throw UsageError("\(path.quoted) exists; add --resume to go on with it, or name another file with --db")
        }
        return path
    }

    /// Whether there is anything by this name, a link that leads nowhere included.
    private static func exists(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)) != nil
    }

    private static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("allocation-" + String(UInt32.random(in: .min ... .max), radix: 16))
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw LogFileError("cannot make the folder \(folder.path.quoted) for the log; name a file with --db")
        }
        return folder
    }

    /// A path as a shell takes it.
    static func shellText(_ path: String) -> String {
        let isPlain = path.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "/._-+,@%".unicodeScalars.contains(scalar)
        }
        return isPlain ? path : "'" + path.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }
}
