//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import AllocationExample

@Suite("The identity of a line")
struct LineIDTests {
    @Test("makes a key that can be read back, in the order of the lines")
    func keys() {
        let lines = [1, 9, 10, 2_798, Int.max].map { LineID(number: $0, bytes: Array("line \($0)".utf8)) }
        let keys = lines.map(\.idempotencyKey)
        #expect(keys.compactMap { LineID(idempotencyKey: $0) } == lines)
        #expect(keys == keys.sorted())
        #expect(keys.allSatisfy { LineID.keys.contains($0) })
    }

    @Test("is another one for other bytes, and for the same bytes under another number")
    func difference() {
        let line = LineID(number: 1, bytes: Array("abc".utf8))
        #expect(line == LineID(number: 1, bytes: Array("abc".utf8)))
        #expect(line != LineID(number: 1, bytes: Array("abd".utf8)))
        #expect(line != LineID(number: 2, bytes: Array("abc".utf8)))
    }

    @Test("is that of FNV-1a, so that another machine and another version know the line again")
    func fingerprint() {
        #expect(LineID(number: 1, bytes: []).fingerprint == 0xCBF2_9CE4_8422_2325)
        #expect(LineID(number: 1, bytes: Array("a".utf8)).fingerprint == 0xAF63_DC4C_8601_EC8C)
        #expect(LineID(number: 1, bytes: Array("foobar".utf8)).fingerprint == 0x8594_4171_F739_67E8)
    }

    @Test("is not read out of a key of another kind", arguments: ["", "line", "line 1", "line x 1", "order 1 2", "line 1 g"])
    func otherKeys(key: String) {
        #expect(LineID(idempotencyKey: key) == nil)
    }
}
