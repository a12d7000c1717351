//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

@testable import Events
import EventsSQLite
import EventsTesting
import Testing

/// The tables of the pages say what the code does.
@Suite("Defaults and tables")
struct DefaultsTests {
    private static let configuration = EventBusConfiguration()
    private static let options = SubscriptionOptions()
    private static let log = SQLiteLogOptions()

    /// What each option is when it is left out, as the tables write it.
    private static let defaults = [
        "retry": "`.standard`", "order": "`.\(options.order)`",
        "maxConcurrency": code(options.maxConcurrency), "timeout": code(options.timeout),
        "onDeadLetter": "`.\(options.onDeadLetter)`", "queue": options.queue == nil ? "`nil`" : "other",
        "capacity": number(QueuePolicy().capacity), "byteCapacity": code(QueuePolicy().byteCapacity),
        "overflow": "`.\(QueuePolicy().overflow)`",
        "workers": number(configuration.workers), "handlerHeadroom": number(configuration.handlerHeadroom),
        "maxDepth": number(configuration.maxDepth), "deadLetterCapacity": number(configuration.deadLetterCapacity),
        "parkedCapacity": number(configuration.parkedCapacity),
        "shutdownDeadline": time(configuration.shutdownDeadline), "grace": time(configuration.grace),
        "hooks": configuration.hooks.observe == nil ? "none" : "other", "environment": "`.live`",
        "factor": "\(Int(RetryPolicy.standard.factor))", "cap": time(RetryPolicy.standard.cap),
        "maxAttempts": number(RetryPolicy.standard.maxAttempts), "jitter": "`.\(RetryPolicy.standard.jitter)`",
        "retryIf": "every error",
        "start": "`.\(options.start)`", "maxCrashes": options.maxCrashes.map(number) ?? "`nil`",
        "backlog": configuration.backlog == nil ? "`nil`" : "other", "limit": "none",
        "retention": configuration.retention == nil ? "`nil`" : "other", "maxAge": code(RetentionPolicy().maxAge),
        "maxCount": code(RetentionPolicy().maxCount), "interval": time(RetentionPolicy().interval),
        "durability": "`.\(log.durability)`", "ifOwned": "`.\(log.ifOwned)`", "actionBudget": time(log.actionBudget),
        "busyTimeout": time(log.busyTimeout), "isServed": "`\(log.isServed)`", "migrate": log.migrate == nil ? "`nil`" : "other",
        "seed": "none", "time": "`.automatic`", "stepLimit": "1,000,000", "patience": "zero",
    ]

    @Test("every default in a table is the one that the code has")
    func tables() throws {
        var seen: Set<String> = []
        for page in try Documentation.pages() {
            for heading in ["option", "parameter"] {
                for (line, cells) in page.tableRows(under: heading) {
                    let name = cells[0].filter { $0 != "`" }
                    seen.insert(name)
                    // The bus's own queue is not that of a subscription.
                    let expected = name == "queue" && cells[1] == "`QueuePolicy()`" ? cells[1] : Self.defaults[name]
                    #expect(cells[1] == expected, "\(page.path):\(line): the default of \(name)")
                }
            }
        }
        #expect(seen == Set(Self.defaults.keys))
    }

    @Test("every option of a bus, a subscription and a queue has a row")
    func completeness() throws {
        let values: [Any] = [Self.configuration, Self.options, QueuePolicy()]
        let names = values.flatMap { Mirror(reflecting: $0).children.compactMap(\.label) }
        let rows = try Documentation.page("docs/publishing.md").tableRows(under: "option").map { $0.cells[0] }
        for name in names { #expect(rows.contains("`\(name)`"), "docs/publishing.md has no row for \(name)") }
    }

    @Test("every option of a log, a backlog's bound and retention has a row, and both overflows are the same by default")
    func durableCompleteness() throws {
        let values: [Any] = [Self.log, BacklogPolicy(limit: 1), RetentionPolicy()]
        let names = values.flatMap { Mirror(reflecting: $0).children.compactMap(\.label) }
        let rows = try Documentation.page("docs/durability.md").tableRows(under: "option").map { $0.cells[0] }
        for name in names { #expect(rows.contains("`\(name)`"), "docs/durability.md has no row for \(name)") }
        #expect("\(BacklogPolicy(limit: 1).overflow)" == "\(QueuePolicy().overflow)")
    }

    @Test("the delays in the table are those of the policies shown")
    func delays() throws {
        let page = try Documentation.page("docs/handling-failure.md")
        let rows = page.tableRows(under: "failed attempts")
        let header = try #require(page.prose.first { $0.text.hasPrefix("| failed attempts") }).text
        let names = header.split(separator: "|").dropFirst().map { String($0.filter { $0 != " " }) }
        #expect(rows.count == 5)
        for (line, cells) in rows {
            let failures = try #require(Int(cells[0]))
            for (name, cell) in zip(names, cells.dropFirst()) {
                let policy = try #require(FailureSnippets.policies[name])
                let decision = policy.decide(failedAttempts: failures, error: FailureSnippets.UnknownProduct(), random: 0)
                let expected =
                    switch decision {
                    case .retry(let delay): "\(delay.saturatingNanoseconds / 1_000_000) ms"
                    case .exhausted, .notRetryable: "dead letter"
                    }
                #expect(cell == expected, "docs/handling-failure.md:\(line): \(name) after \(failures) failures")
            }
        }
        #expect(RetryPolicy.constant(.seconds(1)).jitter == .none)
    }

    @Test("every kind of signal has a row, and every reason of a rejected publish")
    func kinds() throws {
        let kinds: [Signal.Kind] = [
            .published, .started, .completed, .failed, .retried, .discarded, .deadLettered, .redriven, .parked, .unparked,
            .dropped, .evicted, .deferred, .released, .timedOut, .abandoned, .lateResult, .commandStarted, .commandCompleted,
            .commandFailed,
        ]
        let reasons: [PublishError.Reason] = [
            .queueFull, .wouldWaitBeforeRun, .headroomExhausted, .batchTooLarge, .cancelled, .shuttingDown, .closed,
            .invalidName, .nameTaken, .unencodable, .backlogFull, .logFull, .logBusy, .logFailed, .keyReused, .invalidKey,
            .needsLog,
        ]
        #expect(try names("docs/observability.md", under: "kind") == Set(kinds.map(\.description)))
        #expect(try names("docs/publishing.md", under: "`reason`") == Set(reasons.map(\.description)))
    }

    private func names(_ page: String, under heading: String) throws -> Set<String> {
        let rows = try Documentation.page(page).tableRows(under: heading)
        return Set(rows.flatMap { $0.cells[0].matches(of: /`(\w+)`/).map { String($0.1) } })
    }

    // MARK: How the tables write values

    private static func number(_ value: Int) -> String {
        let digits = String(value)
        guard digits.count > 3 else { return digits }
        return digits.dropLast(3) + "," + digits.suffix(3)
    }

    private static func code<Value>(_ value: Value?) -> String { value.map { "`\($0)`" } ?? "`nil`" }

    private static func time(_ value: Duration) -> String { "\(value.components.seconds) s" }
}
