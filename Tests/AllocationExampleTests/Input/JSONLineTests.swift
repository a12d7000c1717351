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

@Suite("A line of the order stream")
struct JSONLineTests {
    private static func event(_ text: String) throws(Rejection) -> AllocationEvent {
        try AllocationEvent(jsonLine: Array(text.utf8))
    }

    private static func line(quantity: String, type: String = "allocation.required") -> String {
        #"{"type": "\#(type)", "orderid": "o1", "ref": "b1", "sku": "LAMP", "qty": \#(quantity)}"#
    }

    @Test("of each type gives its event")
    func types() throws {
        #expect(
            try Self.event(#"{"type":"batch.created","ref":"b1","sku":"LAMP","qty":0,"eta":"1998-05-15"}"#)
                == .batchCreated(BatchCreated(reference: "b1", sku: "LAMP", quantity: 0, eta: CalendarDate("1998-05-15"))))
        #expect(
            try Self.event(#" {"sku":"LAMP","qty":3,"orderid":"o1","type":"allocation.required"} "#)
                == .allocationRequired(AllocationRequired(orderID: "o1", sku: "LAMP", quantity: 3)))
        #expect(
            try Self.event(#"{"type":"batch.quantity.changed","ref":"b1","sku":"LAMP","qty":0}"#)
                == .batchQuantityChanged(BatchQuantityChanged(reference: "b1", sku: "LAMP", quantity: 0)))
    }

    @Test("may leave out the ETA, give fields nobody knows, escapes, and a quoted comma before a bracket")
    func leniency() throws {
        #expect(
            try Self.event(#"{"type":"batch.created","ref":"b,]","sku":"L\u00e4mp\\\",}","qty":1,"note":[{"a":null}]}"#)
                == .batchCreated(BatchCreated(reference: "b,]", sku: "Lämp\\\",}", quantity: 1, eta: nil)))
    }

    @Test(
        "may spell a whole quantity in any way that JSON has",
        arguments: [
            ("12", 12), ("12.0", 12), ("1.2e1", 12), ("1200E-2", 12), ("9007199254740993", 9_007_199_254_740_993),
            ("9223372036854775807", Int.max), ("9223372036854775807.0", Int.max), ("1e18", 1_000_000_000_000_000_000),
            ("9007199254740993.0", 9_007_199_254_740_993),
        ])
    func wholeQuantities(spelling: String, quantity: Int) throws {
        #expect(
            try Self.event(Self.line(quantity: spelling))
                == .allocationRequired(AllocationRequired(orderID: "o1", sku: "LAMP", quantity: quantity)))
    }

    @Test(
        "is rejected for a quantity that is not a number of units",
        arguments: [
            ("12.5", "not a whole number"), ("0.5", "not a whole number"), ("-0.5", "not a whole number"),
            ("9007199254740993.5", "not a whole number"), ("12.00000000000000000001", "not a whole number"),
            ("1e-7", "not a whole number"), ("true", "true or false"), ("false", "true or false"), ("\"12\"", "a string"),
            ("null", "null"), ("[12]", "an array"), ("{}", "an object"), ("0", "give 1 or more"), ("-0", "give 1 or more"),
            ("-3", "give 1 or more"),
            ("-9223372036854775808", "give 1 or more"), ("-1e30", "give 1 or more"), ("-1e300", "give 1 or more"),
            ("9223372036854775808", "too large"), ("18446744073709551615", "too large"), ("1e30", "too large"),
            ("1e300", "too large"), ("1e400", "not valid JSON"), ("1" + String(repeating: "0", count: 5_000), "not valid JSON"),
            ("NaN", "not valid JSON"), ("01", "not valid JSON"), ("+1", "not valid JSON"), ("1.", "not valid JSON"),
        ])
    func wrongQuantities(spelling: String, words: String) {
        let rejection = #expect(throws: Rejection.self) { try Self.event(Self.line(quantity: spelling)) }
        #expect(rejection?.reason.contains(words) == true, "\(rejection?.reason ?? "")")
    }

    @Test("may have the quantity 0 for a batch, but not less", arguments: ["batch.created", "batch.quantity.changed"])
    func batchQuantities(type: String) throws {
        _ = try Self.event(Self.line(quantity: "0", type: type))
        let rejection = #expect(throws: Rejection.self) { try Self.event(Self.line(quantity: "-1", type: type)) }
        #expect(rejection?.reason == "field \"qty\" is -1; give 0 or more")
    }

    @Test(
        "is rejected unless it is one JSON object",
        arguments: [
            ("x", "not valid JSON"), ("{", "not valid JSON"), ("{}{}", "not valid JSON"), (#"{"a":1} x"#, "not valid JSON"),
            (#"{'type':1}"#, "not valid JSON"), (#"{"type":"batch.created",}"#, "comma before a closing bracket"),
            (#"{"a":[1, ] }"#, "comma before a closing bracket"), (#"{"a":"\q"}"#, "not valid JSON"),
            ("{\"a\":\"\t\"}", "not valid JSON"), (#"{"a":"\ud800"}"#, "not valid JSON"), ("{\"a\":1}\u{0}", "zero byte"),
            ("[]", "an array, not an object"), ("3", "a number, not an object"), ("true", "true or false, not an object"),
            ("null", "null, not an object"), ("\"text\"", "a string, not an object"),
            (String(repeating: "[", count: 60_000), "not valid JSON"),
            (#"{"a":"# + String(repeating: #"{"a":"#, count: 10_000), "not valid JSON"),
            (String(repeating: "[", count: 30_000) + String(repeating: "]", count: 30_000), "not valid JSON"),
        ])
    func otherThanAnObject(text: String, words: String) {
        let rejection = #expect(throws: Rejection.self) { try Self.event(text) }
        #expect(rejection?.reason.contains(words) == true, "\(rejection?.reason ?? "")")
    }

    @Test(
        "is rejected for a missing, empty or wrongly typed field, which the reason names",
        arguments: [
            (#"{}"#, #"field "type" is missing; add it"#),
            (#"{"type":7}"#, #"field "type" is a number; give a string in quotation marks"#),
            (#"{"type":""}"#, #"field "type" is empty; give its text"#),
            (#"{"type":"batch.created","sku":"S","qty":1}"#, #"field "ref" is missing; add it"#),
            (#"{"type":"batch.created","ref":"","sku":"S","qty":1}"#, #"field "ref" is empty; give its text"#),
            (#"{"type":"batch.created","ref":"b","sku":" \t","qty":1}"#, #"field "sku" is empty; give its text"#),
            (#"{"type":"batch.created","ref":"b","sku":"S"}"#, #"field "qty" is missing; add it"#),
            (
                #"{"type":"batch.created","ref":"b","sku":"S","qty":1,"eta":19980515}"#,
                #"field "eta" is a number; give a date such as "1998-05-15", or null"#
            ),
            (
                #"{"type":"batch.created","ref":"b","sku":"S","qty":1,"eta":"1998-02-30"}"#,
                #"field "eta" is "1998-02-30", not an existing day; give one as YYYY-MM-DD, or null"#
            ),
            (#"{"type":"allocation.required","sku":"S","qty":1}"#, #"field "orderid" is missing; add it"#),
            (
                #"{"type":"allocation.required","orderid":10248,"sku":"S","qty":1}"#,
                #"field "orderid" is a number; give a string in quotation marks"#
            ),
            (
                #"{"type":"allocation.required","orderid":"o","sku":true,"qty":1}"#,
                #"field "sku" is true or false; give a string in quotation marks"#
            ),
            (
                #"{"type":"batch.quantity.changed","ref":null,"sku":"S","qty":1}"#,
                #"field "ref" is null; give a string in quotation marks"#
            ),
        ])
    func fields(text: String, reason: String) {
        #expect(throws: Rejection(reason)) { try Self.event(text) }
    }

    @Test(
        "is rejected for a type that cannot come from outside, with those that can",
        arguments: ["order.placed", "out.of.stock"])
    func unknownType(type: String) {
        let known = #""batch.created", "allocation.required", "batch.quantity.changed""#
        #expect(throws: Rejection("the type \"\(type)\" is unknown; use one of \(known)")) {
            try Self.event(#"{"type":"\#(type)","sku":"S"}"#)
        }
    }

    @Test("is quoted in a reason without anything a terminal would obey, and not at length")
    func quoting() {
        let rejection = #expect(throws: Rejection.self) {
            try Self.event(#"{"type":"\u001b[2J\u202e"# + String(repeating: "x", count: 1_000) + #""}"#)
        }
        #expect(rejection?.reason.hasPrefix(#"the type "\u{1b}[2J\u{202e}xxx"#) == true)
        #expect(rejection.map { $0.reason.count < 250 } == true)
    }

    @Test("is rejected for bytes that are not UTF-8")
    func invalidUTF8() {
        let bytes = Array(#"{"type":"batch.created","ref":""#.utf8) + [0xFF, 0xC0] + Array(#"","sku":"S","qty":1}"#.utf8)
        let rejection = #expect(throws: Rejection.self) { try AllocationEvent(jsonLine: bytes) }
        #expect(rejection?.reason.contains("not valid UTF-8") == true)
    }

    @Test("never crashes the program, whatever it holds", arguments: 0..<50)
    func hostileLines(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let valid = Array(#"{"type": "batch.created", "ref": "b", "sku": "LÄMP", "qty": 12.5e3, "eta": "1998-05-15"}"#.utf8)
        for _ in 0..<200 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Array(#"{}[]",:\0e-"#.utf8).randomElement(using: &random) ?? 0, at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 5))
                }
                if bytes.isEmpty { bytes = valid }
            }
            do throws(Rejection) {
                _ = try AllocationEvent(jsonLine: bytes)
            } catch {
                #expect(!error.reason.isEmpty)
            }
        }
    }
}
