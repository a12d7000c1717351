//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// What the handlers in the snippets call. The pages name these things and do not show them.

actor Warehouse {
    private(set) var reserved: [String] = []

    func reserve(_ lines: [String], for orderID: String) throws {
        reserved += lines
    }
}

actor Ledger {
    private(set) var notes: [String] = []
    private var invoices = 0

    func open(_ orderID: String) { notes.append("open \(orderID)") }
    func close(_ orderID: String) { notes.append("close \(orderID)") }
    func note(_ orderID: String) { notes.append("note \(orderID)") }

    func invoice(_ orderID: String) throws -> Int {
        invoices += 1
        return invoices
    }
}

actor Dashboard {
    private(set) var shown: [String] = []

    func show(_ orderID: String) { shown.append(orderID) }
}

actor Accounts {
    struct Account: Sendable {
        var isClosed = false
    }

    var rateLimit: Duration? { nil }
    private(set) var charged: [String] = []

    func find(_ customer: String) -> Account? {
        switch customer {
        case "VINET": Account()
        case "TOMSP": Account(isClosed: true)
        default: nil
        }
    }

    func charge(_ account: Account, for orderID: String) throws { charged.append(orderID) }
    func charge(_ customer: String, for orderID: String) throws { charged.append(orderID) }
}

actor Pager {
    private(set) var alerts: [String] = []

    func alert(_ text: String) { alerts.append(text) }
}
