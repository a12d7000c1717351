//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

/// No suite, no promise: docs/guarantees.md names for each promise the tests that prove it.
@Suite("Guarantees")
struct GuaranteeTests {
    /// A test file as the page cites it.
    private struct Proof {
        let promise: String
        let name: String
        let path: String
        let count: Int
        /// The titles of tests that the page quotes.
        let titles: [String]
    }

    /// G13 promises that there is nothing to be relied on.
    private static let withoutProof = ["G13"]

    @Test("every promise has a proof")
    func promisesHaveProofs() throws {
        let promises = try Documentation.page("docs/guarantees.md").prose.compactMap { line in
            line.text.firstMatch(of: /^## (G\d+):/).map { String($0.1) }
        }
        #expect(promises == (1...13).map { "G\($0)" })
        let proven = Set(try proofs().map(\.promise))
        for promise in promises where !Self.withoutProof.contains(promise) {
            #expect(proven.contains(promise), "docs/guarantees.md: \(promise) has no proof")
        }
    }

    @Test("every proof is a test file of that name, with at least as many tests, among them those that are quoted")
    func proofsExist() throws {
        for proof in try proofs() {
            let place = "docs/guarantees.md, \(proof.promise), \(proof.name)"
            guard Documentation.exists(proof.path) else {
                Issue.record("\(place): there is no \(proof.path)")
                continue
            }
            let text = try Documentation.text(proof.path)
            if !text.contains("struct \(proof.name) ") { Issue.record("\(place): \(proof.path) has no suite of this name") }
            let count = text.matches(of: /@Test\b/).count
            #expect(count >= proof.count, "\(place): it has only \(count) tests and not \(proof.count)")
            for title in proof.titles where !text.contains("\"\(title)\"") {
                Issue.record("\(place): it has no test '\(title)'")
            }
        }
    }

    private func proofs() throws -> [Proof] {
        var promise = ""
        var items: [(promise: String, text: String)] = []
        for (_, line) in try Documentation.page("docs/guarantees.md").prose {
            if let heading = line.firstMatch(of: /^## (G\d+):/) {
                promise = String(heading.1)
            } else if line.hasPrefix("- [") {
                items.append((promise, line))
            } else if line.hasPrefix("  "), !items.isEmpty {
                items[items.count - 1].text += " " + line.drop { $0 == " " }
            }
        }
        return items.compactMap { promise, text in
            guard let proof = text.firstMatch(of: /^- \[(\w+)\]\(\.\.\/([^)]+)\) \((\d+)\)/), let count = Int(proof.3) else {
                return nil
            }
            let titles = text.matches(of: /\*([^*]+)\*/).map { String($0.1) }
            return Proof(promise: promise, name: String(proof.1), path: String(proof.2), count: count, titles: titles)
        }
    }
}
