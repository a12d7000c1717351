//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A page of the documentation, taken apart as far as its tests need it: code blocks, headings, links and spans of code.
struct MarkdownPage: CustomStringConvertible {
    /// A fenced block of code.
    struct CodeBlock: CustomStringConvertible {
        let page: String
        /// The number of the opening fence's line, counted from 1.
        let line: Int
        /// What follows the opening fence, such as `swift`.
        let info: String
        let lines: [String]

        /// Where it is, as an editor understands it.
        var description: String { "\(page):\(line)" }
        var language: String { info.split(separator: " ").first.map(String.init) ?? "" }
        /// The block without what layout alone puts there, and without the import of a reader's own module, which is not here.
        var normalised: [String] {
            lines.filter { !$0.hasPrefix("@testable import ") }.withoutSharedIndentation
        }
    }

    /// A link to another place.
    struct Link: CustomStringConvertible {
        let page: String
        let line: Int
        let target: String

        var description: String { "\(page):\(line): \(target)" }
    }

    /// The path from the root of the clone.
    let path: String
    private(set) var blocks: [CodeBlock] = []
    private(set) var links: [Link] = []
    /// What stands between backticks in running text, with the number of its line.
    private(set) var codeSpans: [(line: Int, text: String)] = []
    /// The lines outside of code blocks, with their numbers.
    private(set) var prose: [(line: Int, text: String)] = []
    /// The anchors of the headings, as GitHub makes them.
    private(set) var anchors: Set<String> = []

    var description: String { path }

    init(path: String, text: String) {
        self.path = path
        var block: (line: Int, info: String, lines: [String])?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).enumerated() {
            let trimmed = line.trimmingPrefix { $0 == " " }
            if let open = block {
                if trimmed.hasPrefix("```") {
                    blocks.append(CodeBlock(page: path, line: open.line, info: open.info, lines: open.lines))
                    block = nil
                } else {
                    block?.lines.append(line)
                }
            } else if trimmed.hasPrefix("```") {
                block = (index + 1, String(trimmed.dropFirst(3)), [])
            } else {
                readProse(line, number: index + 1)
            }
        }
    }

    private mutating func readProse(_ line: String, number: Int) {
        prose.append((number, line))
        if let heading = line.wholeMatch(of: /#{1,6} +(.*)/) { addAnchor(String(heading.1)) }
        for span in line.matches(of: /`([^`]+)`/) { codeSpans.append((number, String(span.1))) }
        let withoutCode = line.replacing(/`[^`]*`/, with: "")
        for link in withoutCode.matches(of: /\]\(([^)\s]+)\)/) {
            links.append(Link(page: path, line: number, target: String(link.1)))
        }
    }

    /// GitHub's rule: lower case, punctuation dropped, spaces to hyphens, and a number after what was there before.
    private mutating func addAnchor(_ heading: String) {
        let plain = heading.replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.1) }
        let slug = plain.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
            .replacing(" ", with: "-")
        var anchor = slug
        var number = 0
        while anchors.contains(anchor) {
            number += 1
            anchor = "\(slug)-\(number)"
        }
        anchors.insert(anchor)
    }

    /// The rows of the tables whose first heading is `heading`, as the texts of their cells.
    func tableRows(under heading: String) -> [(line: Int, cells: [String])] {
        var rows: [(Int, [String])] = []
        var isInside = false
        for (number, line) in prose {
            guard line.hasPrefix("|") else {
                isInside = false
                continue
            }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingPrefix { $0 == " " } }.map { String($0.reversed().drop { $0 == " " }.reversed()) }
            if cells.first == heading {
                isInside = true
            } else if isInside, cells.first?.hasPrefix("---") != true {
                rows.append((number, cells))
            }
        }
        return rows
    }
}

extension Collection where Element == String {
    /// These lines without blank ones, trailing spaces and the indentation that all of them share.
    var withoutSharedIndentation: [String] {
        let lines = compactMap { line -> String? in
            let kept = String(line.reversed().drop { $0.isWhitespace }.reversed())
            return kept.isEmpty ? nil : kept
        }
        let shared = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { String($0.dropFirst(shared)) }
    }
}
