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

@Suite("Links")
struct LinkTests {
    @Test("every relative link leads to a file, and its anchor to a heading there")
    func linksLead() throws {
        let pages = try Dictionary(uniqueKeysWithValues: Documentation.allPages().map { ($0.path, $0) })
        for link in pages.values.flatMap(\.links) where !link.target.contains("://") {
            let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = parts[0].isEmpty ? link.page : Self.resolve(parts[0], from: link.page)
            guard Documentation.exists(path) else {
                Issue.record("\(link): there is no \(path)")
                continue
            }
            guard parts.count == 2 else { continue }
            let page = try pages[path] ?? Documentation.page(path)
            if !page.anchors.contains(parts[1]) { Issue.record("\(link): \(path) has no heading '#\(parts[1])'") }
        }
    }

    @Test("every page of the book is reached from the README")
    func pagesAreReached() throws {
        let targets = Set(try Documentation.page("README.md").links.map(\.target))
        for page in try Documentation.pages() where page.path.hasPrefix("docs/") && !targets.contains(page.path) {
            Issue.record("README.md does not link \(page.path)")
        }
    }

    @Test("every path of the project that is named in running text exists")
    func namedPathsExist() throws {
        /// What a reader makes in the tutorial.
        let readers = /(Sources\/Shop|Tests\/ShopTests)\/.*/
        for page in try Documentation.allPages() {
            for (line, span) in page.codeSpans {
                guard let path = span.prefixMatch(of: /(Sources|Tests|PerformanceTests|docs|scripts)\/[A-Za-z0-9_+.\/-]+/),
                    span.wholeMatch(of: readers) == nil, path.0.count == span.prefix(while: { $0 != " " }).count,
                    !Documentation.exists(String(path.0))
                else { continue }
                Issue.record("\(page.path):\(line): there is no \(path.0)")
            }
        }
    }

    /// A path as written on a page, as a path from the root of the clone.
    private static func resolve(_ target: String, from page: String) -> String {
        var parts = page.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/").map(String.init) {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }
}
