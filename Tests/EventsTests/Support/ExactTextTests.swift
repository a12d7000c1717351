//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Testing

@Suite("Text compared by its bytes")
struct ExactTextTests {
    private static let composed = "\u{e9}"
    private static let decomposed = "e\u{301}"

    @Test("tells apart what a string takes for the same")
    func canonicallyEquivalent() {
        #expect(Self.composed == Self.decomposed)
        #expect(ExactText(Self.composed) != ExactText(Self.decomposed))
        // Of the same length in bytes, too.
        #expect(ExactText("a\u{301}\u{323}") != ExactText("a\u{323}\u{301}"))
        #expect(Set([Self.composed, Self.decomposed].map(ExactText.init)).count == 2)
    }

    @Test("is equal for the same bytes, however the string keeps them")
    func equal() {
        for text in ["", "k", "a key that does not fit into a small string", Self.composed] {
            let other = String(decoding: Array(text.utf8), as: UTF8.self)
            #expect(ExactText(text) == ExactText(other))
            #expect(ExactText(text).hashValue == ExactText(other).hashValue)
            #expect(ExactText(text) != ExactText(text + "x"))
            #expect(!(ExactText(text) < ExactText(other)) && ExactText(text) < ExactText(text + "x"))
        }
    }
}
