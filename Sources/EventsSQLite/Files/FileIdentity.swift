//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events

/// Which files a log opened, to notice when their paths lead elsewhere.
///
/// SQLite goes on writing to a file that was deleted or renamed, and what it commits there is found by nobody. So the log asks
/// before it acknowledges.
struct FileIdentity: Sendable {
    private let files: [(path: String, identity: FileStatus.Identity)]

    /// Remembers the files that are at these paths now: those that SQLite has open.
    ///
    /// - Throws: `LogFailure` with the reason `lost` when one is missing.
    init(of paths: [String]) throws(LogFailure) {
        var files: [(String, FileStatus.Identity)] = []
        for path in paths {
            files.append((path, try Self.look(at: path)))
        }
        self.files = files
    }

    /// Checks that the paths still lead to the same files. It costs a `stat` a file and opens none.
    ///
    /// - Throws: `LogFailure` with the reason `lost` that says what happened to which path.
    func check() throws(LogFailure) {
        for (path, identity) in files {
            guard try Self.look(at: path) == identity else {
                throw LogFailure(.lost, "\(path) was replaced by another file while it was open; \(Self.consequence)")
            }
        }
    }

    private static func look(at path: String) throws(LogFailure) -> FileStatus.Identity {
        let status: FileStatus?
        do {
            status = try FileStatus(at: path)
        } catch {
            throw LogFailure(.lost, "\(path) cannot be looked at any more: \(error.text); \(consequence)")
        }
        guard let status else {
            throw LogFailure(.lost, "\(path) was moved or deleted while it was open; \(consequence)")
        }
        return status.identity
    }

    private static let consequence =
        "nothing more is acknowledged, because what is written now would not be found again; put it back and open the log anew"
}
