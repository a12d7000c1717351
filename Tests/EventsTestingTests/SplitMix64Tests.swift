//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsTesting
import Testing

@Suite("SplitMix64")
struct SplitMix64Tests {
    @Test("it gives the numbers of the reference implementation")
    func referenceNumbers() {
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test("choices stay in their bounds and reach them all")
    func bounds() {
        var generator = SplitMix64(seed: 0)
        var seen: Set<Int> = []
        for _ in 0..<1_000 { seen.insert(generator.next(below: 7)) }
        #expect(seen == Set(0..<7))
        #expect(generator.next(below: 1) == 0)
    }
}
