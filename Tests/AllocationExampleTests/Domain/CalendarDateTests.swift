//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import AllocationExample

@Suite("A calendar date")
struct CalendarDateTests {
    @Test(
        "is read from an existing day and written as it was read",
        arguments: ["1998-05-15", "2000-02-29", "1996-02-29", "0001-01-01", "9999-12-31"])
    func existingDays(text: String) {
        #expect(CalendarDate(text)?.description == text)
    }

    @Test(
        "is nothing but an existing day in the form YYYY-MM-DD",
        arguments: [
            "", "1998-5-15", "1998-05-32", "1998-13-01", "1998-00-01", "1998-01-00", "1900-02-29", "1997-02-29", "1998-04-31",
            "0000-01-01", "19980515", "1998/05/15", "1998-05-15T00:00:00Z", " 1998-05-15", "+998-05-15", "1998-W2-01",
            "१९९८-०५-१५",
        ])
    func otherTexts(text: String) {
        #expect(CalendarDate(text) == nil)
    }

    @Test("comes before a later day, month or year")
    func order() throws {
        let days = try ["1997-12-31", "1998-01-01", "1998-01-02", "1998-02-01"].map { try #require(CalendarDate($0)) }
        #expect(days.shuffled().sorted() == days)
    }

    @Test("is coded as its text")
    func coding() throws {
        let batch = BatchCreated(reference: "b", sku: "LAMP", quantity: 1, eta: CalendarDate("1998-05-15"))
        let data = try JSONEncoder().encode(batch)
        #expect(String(decoding: data, as: UTF8.self).contains("\"eta\":\"1998-05-15\""))
        #expect(try JSONDecoder().decode(BatchCreated.self, from: data) == batch)
    }
}
