//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A region of a snippet file that a page shows.
///
/// ```
/// // snippet: docs/publishing.md, a batch
/// try await bus.publish(contentsOf: orders)
/// // end snippet
/// ```
///
/// The marker names the page and, after a comma, the snippet. What a page shows as one block may be several regions of one name, in
/// this order: imports stand at the top of a file, and what is shown at the top level of a program is inside a function here.
/// Indentation that all lines of a region share does not count, nor do blank lines.
struct SnippetRegion: CustomStringConvertible {
    let file: String
    /// The number of the first marker's line, counted from 1.
    let line: Int
    let name: String
    var lines: [String]

    var description: String { "\(file):\(line) ('\(name)')" }
    /// The page that shows it.
    var page: String { String(name.prefix { $0 != "," }) }

    static let start = "// snippet: "
    static let end = "// end snippet"

    /// All regions of the snippet files, those of one name joined, and what is wrong with the markers.
    static func all() throws -> (regions: [SnippetRegion], problems: [String]) {
        var regions: [SnippetRegion] = []
        var problems: [String] = []
        for file in try Documentation.files(under: "Tests/DocumentationTests/Snippets", suffix: ".swift") {
            var open: SnippetRegion?
            let lines = try Documentation.text(file).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            for (index, line) in lines.enumerated() {
                let trimmed = line.trimmingPrefix { $0 == " " }
                if trimmed.hasPrefix(start) {
                    if let open { problems.append("\(open) is not closed before the next one begins") }
                    let name = String(trimmed.dropFirst(start.count))
                    open = SnippetRegion(file: file, line: index + 1, name: name, lines: [])
                } else if trimmed.hasPrefix(end) {
                    guard var region = open else {
                        problems.append("\(file):\(index + 1): the end of a snippet that did not begin")
                        continue
                    }
                    region.lines = region.lines.withoutSharedIndentation
                    if let earlier = regions.firstIndex(where: { $0.name == region.name && $0.file == file }) {
                        regions[earlier].lines += region.lines
                    } else {
                        regions.append(region)
                    }
                    open = nil
                } else {
                    open?.lines.append(line)
                }
            }
            if let open { problems.append("\(open) is never closed") }
        }
        return (regions, problems)
    }
}
