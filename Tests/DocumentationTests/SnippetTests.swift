//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

/// `CONTRIBUTING.md` says how snippets are written.
@Suite("Snippets")
struct SnippetTests {
    @Test("every Swift block of a page is a verbatim copy of a region that compiles")
    func blocksHaveTwins() throws {
        let regions = try SnippetRegion.all().regions
        for block in try swiftBlocks() {
            let candidates = regions.filter { $0.page == block.page }
            if candidates.contains(where: { $0.lines == block.normalised }) { continue }
            Issue.record("\(block): this snippet has no compiled twin; \(Self.nearest(to: block, among: candidates))")
        }
    }

    @Test("every region is shown by the page that its marker names")
    func regionsAreShown() throws {
        let (regions, problems) = try SnippetRegion.all()
        for problem in problems { Issue.record("\(problem)") }
        let blocks = try swiftBlocks()
        for region in regions where !blocks.contains(where: { $0.page == region.page && $0.normalised == region.lines }) {
            Issue.record("\(region): no block of \(region.page) is a copy of this region")
        }
    }

    @Test("every block says its language, so that none escapes the other tests")
    func blocksHaveLanguages() throws {
        let known: Set = ["swift", "sh", "console", "text", "json", "sql"]
        for block in try Documentation.allPages().flatMap(\.blocks) where !known.contains(block.language) {
            Issue.record("\(block): the block's language is '\(block.language)'; it must be one of \(known.sorted())")
        }
    }

    @Test("Swift, SQL and pictures are at most 90 columns wide, so that nobody has to scroll sideways")
    func blocksAreNarrow() throws {
        for block in try Documentation.pages().flatMap(\.blocks) where ["swift", "sql", "text"].contains(block.language) {
            for (index, line) in block.lines.enumerated() where line.count > 90 {
                Issue.record("\(block.page):\(block.line + index + 1): \(line.count) columns")
            }
        }
    }

    /// The blocks of Swift, apart from package manifests: ```` ```swift package ````.
    private func swiftBlocks() throws -> [MarkdownPage.CodeBlock] {
        try Documentation.pages().flatMap(\.blocks).filter { $0.language == "swift" && $0.info != "swift package" }
    }

    /// Where the region that begins most like a block departs from it, for the one who has to mend it.
    private static func nearest(to block: MarkdownPage.CodeBlock, among regions: [SnippetRegion]) -> String {
        func agreement(_ region: SnippetRegion) -> Int {
            zip(region.lines, block.normalised).prefix { $0 == $1 }.count
        }
        guard let region = regions.max(by: { agreement($0) < agreement($1) }), agreement(region) > 0 else {
            return "no region of \(block.page) begins like it"
        }
        let position = agreement(region)
        let theirs = position < region.lines.count ? region.lines[position] : "(its end)"
        let ours = position < block.normalised.count ? block.normalised[position] : "(its end)"
        return "it departs from \(region) where the region has\n    \(theirs)\nand the page has\n    \(ours)"
    }
}
