//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import Testing

@Suite("Departures during reads")
struct DeparturesTests {
    private let one = Offset(rawValue: 1)
    private let two = Offset(rawValue: 2)

    @Test("what leaves after a read was asked for has left since then, and for later reads has not")
    func since() {
        var departures = Departures()
        let first = departures.beginReading()
        departures.leave(one)
        let second = departures.beginReading()
        departures.leave(two)
        #expect(departures.hasLeft(one, since: first) && departures.hasLeft(two, since: first))
        #expect(!departures.hasLeft(one, since: second) && departures.hasLeft(two, since: second))
    }

    @Test("nothing is remembered while nothing is read, nor after the last read")
    func forgotten() {
        var departures = Departures()
        departures.leave(one)
        #expect(departures.remembered == 0)
        let first = departures.beginReading()
        let second = departures.beginReading()
        departures.leave(one)
        departures.endReading(first)
        #expect(departures.hasLeft(one, since: second))
        departures.endReading(second)
        #expect(departures.remembered == 0)
    }

    @Test("reads that overlap for ever do not make it grow for ever")
    func bounded() {
        var departures = Departures()
        var read = departures.beginReading()
        for number in 1...100_000 {
            departures.leave(Offset(rawValue: Int64(number)))
            guard number.isMultiple(of: 500) else { continue }
            let next = departures.beginReading()
            departures.endReading(read)
            read = next
        }
        #expect(departures.remembered <= 2_048)
    }
}
