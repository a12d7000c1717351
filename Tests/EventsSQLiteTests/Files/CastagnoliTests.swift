//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CEventsSQLite
import Testing

@Suite("CRC-32C")
struct CastagnoliTests {
    private func checksum(_ bytes: [UInt8]) -> UInt32 { events_crc32c(0, bytes, bytes.count) }

    @Test("the vectors of RFC 3720 come out")
    func vectors() {
        #expect(checksum([]) == 0)
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(checksum((0..<32).map { $0 }) == 0x46DD_794E)
        #expect(checksum((0..<32).reversed()) == 0x113F_DB5C)
        #expect(checksum([UInt8]("123456789".utf8)) == 0xE306_9283)
    }

    @Test("the processor's instruction and the tables agree, at every length and alignment")
    func portable() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        bytes.withUnsafeBufferPointer { bytes in
            for start in 0..<9 {
                for end in start..<bytes.count {
                    let slice = UnsafeBufferPointer(rebasing: bytes[start..<end])
                    let expected = events_crc32c_portable(0, slice.baseAddress, slice.count)
                    #expect(events_crc32c(0, slice.baseAddress, slice.count) == expected)
                }
            }
        }
    }

    @Test("a checksum in pieces is the checksum of the whole")
    func chained() {
        let bytes = [UInt8]("a checksum in pieces is the checksum of the whole".utf8)
        for cut in 0...bytes.count {
            let first = checksum([UInt8](bytes[..<cut]))
            #expect(events_crc32c(first, [UInt8](bytes[cut...]), bytes.count - cut) == checksum(bytes))
        }
    }
}
