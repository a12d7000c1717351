//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// The clone that these tests were built from: its pages, and the files they speak of.
enum Documentation {
    /// The root of the clone, found from this file's own place in it.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The pages whose snippets are compiled: the README and the book in `docs`.
    static func pages() throws -> [MarkdownPage] {
        try [page("README.md")] + files(under: "docs", suffix: ".md").map(page)
    }

    /// Every page a reader may come to from there; their links and commands are checked, too.
    static func allPages() throws -> [MarkdownPage] {
        try pages() + [page("CONTRIBUTING.md"), page("CHANGELOG.md")]
    }

    static func page(_ path: String) throws -> MarkdownPage {
        MarkdownPage(path: path, text: try text(path))
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: root.appending(path: path).path)
    }

    /// The files of a folder and the folders in it, as paths from the root, sorted.
    static func files(under folder: String, suffix: String) throws -> [String] {
        // A folder may be a link to another one, which an enumerator would not follow.
        let start = root.appending(path: folder).resolvingSymlinksInPath()
        guard let found = FileManager.default.enumerator(atPath: start.path) else {
            throw CocoaError(.fileReadNoSuchFile)
        }
        return found.compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }.sorted()
    }
}
