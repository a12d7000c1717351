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

@Suite("DeadLetter.ID")
struct DeadLetterIDTests {
    @Test("the written form leads back to the identity", arguments: ["reserve-stock", "a/b", "/", "größe 1", "1/2"])
    func roundTrip(subscription: String) {
        for offset in [1, 17, Int64.max] {
            let id = DeadLetter.ID(subscription: subscription, offset: Offset(rawValue: offset))
            #expect(DeadLetter.ID(id.description) == id)
        }
    }

    @Test("it is written as the subscription, a slash and the offset")
    func written() {
        #expect(DeadLetter.ID(subscription: "reserve-stock", offset: Offset(rawValue: 17)).description == "reserve-stock/17")
    }

    @Test(
        "what is no identity is refused",
        arguments: ["", "/", "a", "a/", "/1", "a/0", "a/-1", "a/x", "a/1x", "a/ 1", "a/1.0", "a/9223372036854775808", "a\\1"])
    func refused(text: String) {
        #expect(DeadLetter.ID(text) == nil)
    }

    @Test(
        "an offset written in another way than ours is refused, so that two texts never mean one letter",
        arguments: ["a/+1", "a/01"])
    func canonical(text: String) {
        #expect(DeadLetter.ID(text) == nil)
    }
}
