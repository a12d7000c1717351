//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation
import Testing

@testable import EventsOperations

/// Each verb, run as a program on a log that nobody has open.
@Suite("The command on a stopped log", .timeLimit(.minutes(10)))
struct StoppedLogCommandTests {
    static let lookingCases: [CommandCase] = [
        CommandCase("dlq list", 0, output: ["mail/1", "audit/10", "MailRefused", "VINET"], errors: ["2 of 2 dead letters"]),
        CommandCase("dlq list -n1", 0, output: ["mail/1"], errors: ["1 of 2 dead letters; the next page: --after 1"]),
        CommandCase("dlq list -n1 --after 1", 0, output: ["audit/10"]),
        CommandCase("dlq list --newest -n1", 0, output: ["audit/10"]),
        CommandCase("dlq list --group", 0, output: ["LETTERS", "mail", "MailRefused", "Disposition"]),
        CommandCase(
            "dlq list --subscription mail --event order.placed --key VINET --error MailRefused --error-text 452", 0,
            output: ["mail/1"]),
        CommandCase("dlq list --since 1h_ago --before now", 0, output: ["mail/1"]),
        CommandCase("dlq list --before 2020-01-01", 3, errors: ["no dead letters"]),
        CommandCase("dlq list --subscription nobody", 3, errors: ["no dead letters"]),
        CommandCase("dlq list --subscription ';DROP_TABLE_bus_events;--", 3, errors: ["no dead letters"]),
        CommandCase(
            "dlq show mail/1", 0, output: ["dead letter", "exhausted", "2: mail/2, mail/3", "trace: 4bf92f35", "MailRefused"]),
        CommandCase("dlq show mail/1 --payload", 0, output: [#"{"customer":"VINET","orderID":"10240","quantity":1}"#]),
        CommandCase("dlq show mail/2", 3, errors: ["there is no dead letter mail/2"]),
        CommandCase(
            "dlq export --subscription audit", 0, output: [#""payload":{"customer":"WOLZA""#], errors: ["exported 1 dead letter"]),
        CommandCase(
            "dlq export --redact customer --redact /orderID --redact key", 0,
            output: [#""payload":{"customer":"[redacted]","orderID":"[redacted]","quantity":1}"#, #""key":"[redacted]""#]),
        CommandCase("dlq export --key nobody", 3),
        CommandCase("dlq check --max 2", 0, output: ["2 dead letters", "ok"]),
        CommandCase("dlq check --max 1", 6, output: ["2 are more than 1"]),
        CommandCase("dlq check", 6),
        CommandCase("dlq check --max-age 1d", 0),
        CommandCase("dlq check --max-age 0s", 6, output: ["the oldest is older"]),
        CommandCase("dlq check --subscription nobody", 0, output: ["0 dead letters: ok"]),
        CommandCase("dlq plan --all --dry-run", 0, output: ["letters", "duration"], errors: ["nothing was done"]),
        CommandCase("dlq status", 3, errors: ["no plans"]),
        CommandCase("dlq status 7", 3, errors: ["there is no plan 7"]),
        CommandCase("why mail/1", 0, output: ["mail: dead", "exhausted", "next: eventbus dlq show mail/1"]),
        CommandCase("why mail/2", 0, output: ["mail: parked", "behind the dead letter mail/1"]),
        CommandCase("why 8", 0, output: ["charge: retry", "archive: absent", "mail: completed", "stock: completed"]),
        CommandCase("why stock/4", 0, output: ["stock: discarded", "no such customer"]),
        CommandCase("why nobody/4", 0, output: ["noSubscription", "it was removed, or never was"]),
        CommandCase("why ledger/4", 0, output: ["notTaken"]),
        CommandCase("why 99", 3, output: ["the latest is 11"]),
        CommandCase("why 01a21cc9-3354-7000-ae93-b5669171d9bd", 3, output: ["has no event"]),
        CommandCase("trace mail/1", 0, output: ["order.placed", "└─stock.reserved", "✗ mail: dead", "✓ ledger: completed"]),
        CommandCase("trace 1 --mermaid", 0, output: ["flowchart TD", "e0 -->|\"stock\"| e1"]),
        CommandCase("trace 99", 3),
        CommandCase("log", 0, output: ["order.placed", "stock.reserved", "VINET"]),
        CommandCase("log -n2 --event order.placed --payload", 0, output: [#"{"customer":"WOLZA""#]),
        CommandCase("log --emitted-by stock --after 5 -n1", 0, output: ["6"], errors: ["--after 6"]),
        CommandCase("log --larger-than 25B -n1", 0, output: ["order.placed"]), CommandCase("log --larger-than 1KiB", 3),

        CommandCase("log --key nobody", 3, errors: ["no events"]),
        CommandCase("tail -n3 -c3", 0, output: ["order.placed", "stock.reserved"]),
        CommandCase("stats", 0, output: ["SUBSCRIPTION", "archive (absent)", "mail"]),
        CommandCase("stats --subscription mail", 0, output: ["mail"]),
        CommandCase("stats --subscription nobody", 3),
        CommandCase("stats --watch --count 2 --interval 1ms", 0, output: ["SUBSCRIPTION"]),
        CommandCase("subscriptions", 0, output: ["archive", "absent", "serial", "unordered", "per key"]),
        CommandCase("topology", 0, output: ["order.placed", "from  outside of handlers", "to    mail", "from  stock"]),
        CommandCase("topology --mermaid", 0, output: ["flowchart LR"]),
        CommandCase("verify", 0, output: ["sound: 11 events"]),
        CommandCase("verify --quick", 0, output: ["sound"]),
        CommandCase("audit", 3, errors: ["nobody has changed anything"]),
        CommandCase("completions bash", 0, output: ["complete -F"]),
        CommandCase("completions zsh", 0, output: ["#compdef"]),
        CommandCase("completions fish", 0, output: ["complete -c eventbus"]),
        CommandCase("manual", 0, output: [".TH \"EVENTBUS\""]),
        CommandCase("--help", 0, output: ["Commands:"]),
    ]

    @Test("looking shows what there is, changes nothing, and says by its status what it found", arguments: lookingCases)
    func looking(test: CommandCase) async throws {
        let folder = try await Shop.copy()
        let before = FileManager.default.contents(atPath: folder.log)
        let result = try await Eventbus.run(test.arguments, log: folder.log)
        #expect(result.status == test.status, "\(result.errors)")
        for text in test.output { #expect(result.output.contains(text), "\(result.output)") }
        for text in test.errors { #expect(result.errors.contains(text), "\(result.errors)") }
        if test.status == 0 { #expect(!result.errors.hasPrefix("error:")) }
        for line in (result.output + result.errors).split(separator: "\n") {
            #expect(
                !line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x202E },
                "\(line.debugDescription)")
        }
        #expect(FileManager.default.contents(atPath: folder.log) == before)
    }

    static let wrongCases: [CommandCase] = [
        CommandCase("dlq", 2, errors: ["needs one of"]), CommandCase("dlq lisst", 2, errors: ["did you mean 'list'?"]),
        CommandCase("nonsense", 2),
        CommandCase("dlq list --limit 0", 2, errors: ["--limit takes a whole number from 1"]),
        CommandCase("dlq list --since tomorrow", 2, errors: ["is no time"]),
        CommandCase("dlq list --since 15m", 2, errors: ["write '15m ago'"]),
        CommandCase("dlq list --correlation x", 2, errors: ["--correlation takes an identity"]),
        CommandCase("dlq list --after x", 2), CommandCase("dlq show", 2, errors: ["needs ID"]),
        CommandCase("dlq show mail", 2, errors: ["names no dead letter"]),
        CommandCase("dlq show mail/1 mail/2", 2, errors: ["unexpected argument"]),
        CommandCase("dlq retry", 2, errors: ["which dead letters? Name a filter, or all of them with --all"]),
        CommandCase("dlq retry --yes", 2), CommandCase("dlq retry mail/1 --key VINET", 2, errors: ["either IDs or a filter"]),
        CommandCase("dlq retry mail/x", 2), CommandCase("dlq retry --in-order --all", 2, errors: ["--in-order needs --key"]),
        CommandCase("dlq retry --in-order --key VINET --error X", 2, errors: ["--error cannot leave any out"]),
        CommandCase("dlq discard mail/1", 2, errors: ["needs --reason"]),
        CommandCase("dlq discard --reason x", 2, errors: ["--all"]),
        CommandCase("dlq edit mail/1", 2, errors: ["what is to be changed"]),
        CommandCase("dlq edit mail/1 --set /a", 2, errors: ["POINTER=VALUE"]),
        CommandCase("dlq check --max x", 2), CommandCase("dlq check --max-age 5", 2, errors: ["is no duration"]),
        CommandCase("dlq plan", 2, errors: ["--all"]), CommandCase("dlq plan --all --rate 0/s", 2, errors: ["is no rate"]),
        CommandCase("dlq apply x", 2, errors: ["PLAN takes a whole number"]), CommandCase("dlq apply 1 --abort-after 0 --yes", 2),
        CommandCase("dlq export --redact _", 2), CommandCase("why", 2), CommandCase("trace 1 --limit x", 2),
        CommandCase("log --limit 5x", 2), CommandCase("log --larger-than x", 2, errors: ["is no size"]),
        CommandCase("tail --count 0", 2),
        CommandCase("stats --watch --interval x", 2), CommandCase("completions tcsh", 2, errors: ["bash, zsh or fish"]),
        CommandCase("dlq list --yes", 2, errors: ["has no option"]),
    ]

    @Test("wrong usage is said in one line and changes nothing", arguments: wrongCases)
    func usage(test: CommandCase) async throws {
        let folder = try await Shop.copy()
        let result = try await Eventbus.run(test.arguments.map { $0 == " " ? "" : $0 }, log: folder.log)
        #expect(result.status == 2, "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("error: ") && result.errors.filter { $0 == "\n" }.count == 1, "\(result.errors)")
        for text in test.errors { #expect(result.errors.contains(text), "\(result.errors)") }
        #expect(try folder.column("SELECT count(*) FROM bus_audit") == ["0"])
    }

    @Test("a command without a log is wrong usage, a log that is not there an error")
    func noLog() async throws {
        let none = try await Eventbus.run(["dlq", "list"])
        #expect(none.status == 2 && none.errors.contains("EVENTBUS_DB"))
        let folder = try Folder()
        let missing = try await Eventbus.run(["dlq", "list"], log: folder.log)
        #expect(missing.status == 1 && missing.errors.contains("there is no log"))
        let changing = try await Eventbus.run(["dlq", "discard", "--all", "--yes", "--reason", "x"], log: folder.log)
        #expect(changing.status == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    // MARK: Changing

    @Test("one letter is sent back at once, and the next service handles it")
    func retry() async throws {
        let folder = try await Shop.copy()
        let result = try await Eventbus.run(["dlq", "retry", "mail/1", "--reason", "server is back"], log: folder.log)
        #expect(result.status == 0 && result.output.contains("sent back mail/1; no bus has the log open"))
        #expect(
            try folder.column("SELECT actor || ': ' || action || ' ' || subject || ', ' || reason FROM bus_audit") == [
                "tester: redrive mail/1, server is back"
            ])
        let why = try await Eventbus.run(["why", "mail/1"], log: folder.log)
        #expect(why.output.contains("Nobody has the log open; the next service that opens it handles it."))
        try await Shop.run(folder.log) { bus in
            while await bus.statistics().subscriptions["mail"]?.completed != 3 { await Task.yield() }
        }
        let after = try await Eventbus.run(["why", "mail/1"], log: folder.log)
        #expect(after.output.contains("mail: completed") && after.output.contains("redriven once"))
        #expect(try await Eventbus.run(["verify"], log: folder.log).status == 0)
    }

    @Test("several letters: those that are not there do not keep the others from being sent")
    func several() async throws {
        let folder = try await Shop.copy()
        let result = try await Eventbus.run(["dlq", "retry", "mail/1", "mail/9", "audit/10"], log: folder.log)
        #expect(result.status == 4 && result.output.contains("sent back 2 dead letters"))
        #expect(result.errors.contains("there is no dead letter mail/9"))
        #expect(try await Eventbus.run(["dlq", "retry", "mail/1"], log: folder.log).status == 3)
    }

    @Test("many letters are previewed, and changed with --yes alone")
    func bulk() async throws {
        let folder = try await Shop.copy()
        for arguments in [["dlq", "retry", "--all"], ["dlq", "retry", "--all", "--dry-run", "--yes"]] {
            let preview = try await Eventbus.run(arguments, log: folder.log)
            #expect(
                preview.status == 0 && preview.output.contains("audit (1), mail (1)")
                    && preview.errors.contains("nothing was done"))
        }
        #expect(try folder.column("SELECT count(*) FROM bus_dead_letters") == ["2"])
        let done = try await Eventbus.run(["dlq", "discard", "--all", "--yes", "-r", "void", "--json"], log: folder.log)
        #expect(
            done.status == 0 && done.objects.first?["letters"] as? Int == 2 && done.objects.first?["kind"] as? String == "discard"
        )
        #expect(try folder.column("SELECT count(*) FROM bus_dead_letters") == ["0"])
        #expect(try await Eventbus.run(["dlq", "discard", "--all", "--yes", "-r", "void"], log: folder.log).status == 3)
    }

    @Test("a key's letters go in order, and not where there is none")
    func inOrder() async throws {
        let folder = try await Shop.copy()
        let ordered = try await Eventbus.run(["dlq", "retry", "--key", "VINET", "--in-order", "--yes"], log: folder.log)
        #expect(ordered.status == 0)
        let unordered = try await Eventbus.run(["dlq", "retry", "--key", "WOLZA", "--in-order", "--yes"], log: folder.log)
        #expect(unordered.status == 5 && unordered.errors.contains("has no order"))
    }

    @Test("letters whose type nobody handles stay, and the status says that not all was done")
    func unhandled() async throws {
        let folder = try await Shop.copy()
        try folder.damage(
            "UPDATE bus_subscription_types SET through_offset = 11 WHERE subscription = (SELECT id FROM bus_subscriptions WHERE name = 'mail')"
        )
        let one = try await Eventbus.run(["dlq", "retry", "mail/1"], log: folder.log)
        #expect(one.status == 5 && one.errors.contains("nobody handles mail/1"))
        let preview = try await Eventbus.run(["dlq", "retry", "--all"], log: folder.log)
        #expect(preview.output.contains("no handler"))
        #expect(try await Eventbus.run(["dlq", "retry", "--all", "--yes"], log: folder.log).status == 4)
    }

    @Test("an edit shows beside the original, and is what is handled")
    func edit() async throws {
        let folder = try await Shop.copy()
        let dry = try await Eventbus.run(["dlq", "edit", "mail/1", "--set", "/quantity=5", "--dry-run"], log: folder.log)
        #expect(dry.status == 0 && dry.errors.contains("would set /quantity of mail/1"))
        let done = try await Eventbus.run(
            ["dlq", "edit", "mail/1", "--set", "/quantity=5", "--set-text", "/customer=a \"b\"", "-r", "typing error"],
            log: folder.log)
        #expect(done.status == 0 && done.output.contains("edited mail/1"))
        let shown = try await Eventbus.run(["dlq", "show", "mail/1", "--payload"], log: folder.log)
        #expect(shown.output.contains(#"{"customer":"VINET","orderID":"10240","quantity":1}"#))
        #expect(shown.output.contains(#"{"customer":"a \"b\"","orderID":"10240","quantity":5}"#))
        #expect(shown.output.contains("by tester: typing error"))
        for (arguments, text) in [
            (["--set", "/none/x=1"], "leads nowhere"), (["--set", "/quantity=five"], "is no JSON"),
            (["--set", "quantity=5"], "begins with a slash"),
        ] {
            let wrong = try await Eventbus.run(["dlq", "edit", "mail/1"] + arguments, log: folder.log)
            #expect(wrong.status == 1 && wrong.errors.contains(text), "\(wrong.errors)")
        }
        #expect(try await Eventbus.run(["dlq", "edit", "mail/2", "--set", "/quantity=5"], log: folder.log).status == 3)
        #expect(
            try folder.column("SELECT payload FROM bus_events WHERE offset = 1") == [
                #"{"customer":"VINET","orderID":"10240","quantity":1}"#
            ])
    }

    @Test("a plan is made, shown, applied to the next owner, and cancelled")
    func plans() async throws {
        let folder = try await Shop.copy()
        let made = try await Eventbus.run(["dlq", "plan", "--subscription", "mail"], log: folder.log)
        #expect(made.status == 0 && made.output.contains("plan 1 has 1 letter"))
        #expect(try await Eventbus.run(["dlq", "list"], log: folder.log).output.contains("mail/1"))
        let preview = try await Eventbus.run(["dlq", "apply", "1", "--canary", "1"], log: folder.log)
        #expect(preview.status == 0 && preview.errors.contains("add --yes"))
        #expect(try await Eventbus.run(["dlq", "status", "1"], log: folder.log).output.contains("planned"))
        let applied = try await Eventbus.run(
            ["dlq", "apply", "1", "--canary", "1", "--rate", "100/s", "--abort-after", "never", "--yes", "--json"],
            log: folder.log)
        #expect(applied.objects.first?["state"] as? String == "applying" && applied.objects.first?["canary"] as? Int == 1)
        let again = try await Eventbus.run(["dlq", "apply", "1", "--yes"], log: folder.log)
        #expect(again.status == 5 && again.errors.contains("is applying"))
        #expect(try await Eventbus.run(["dlq", "status"], log: folder.log).output.contains("applying"))
        #expect(
            try await Eventbus.run(["dlq", "cancel", "1", "--dry-run"], log: folder.log).errors.contains("would stop plan 1"))
        let cancelled = try await Eventbus.run(["dlq", "cancel", "1"], log: folder.log)
        #expect(cancelled.status == 0 && cancelled.output.contains("1 letter of it were not sent"))
        #expect(try await Eventbus.run(["dlq", "cancel", "1"], log: folder.log).status == 5)
        #expect(try await Eventbus.run(["dlq", "cancel", "9"], log: folder.log).status == 3)
        #expect(try await Eventbus.run(["audit"], log: folder.log).output.contains("cancel"))
    }

    @Test("an export goes to a new file of its user's own, and to no other")
    func export() async throws {
        let folder = try await Shop.copy()
        let file = folder.path + "/letters.jsonl"
        #expect(try await Eventbus.run(["dlq", "export", "-o", file], log: folder.log).status == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == 2)
        let again = try await Eventbus.run(["dlq", "export", "-o", file], log: folder.log)
        #expect(again.status == 1 && again.errors.contains("could not create"))
    }

    @Test("every line for programs says its kind and version, and a letter's id is what other verbs take")
    func json() async throws {
        let folder = try await Shop.copy()
        let verbs = [
            "dlq list", "dlq list --group", "dlq show mail/1", "dlq check --max 5", "dlq plan --all --dry-run", "why mail/1",
            "trace 1", "log",
            "tail -n1 -c1", "stats", "subscriptions", "topology", "verify", "dlq retry --all",
        ]
        for verb in verbs {
            let result = try await Eventbus.run(verb.split(separator: " ").map(String.init) + ["--json"], log: folder.log)
            #expect(!result.objects.isEmpty, "\(verb)")
            #expect(result.objects.count == result.output.split(separator: "\n").count, "\(verb): \(result.output)")
            #expect(result.objects.allSatisfy { $0["version"] as? Int == 1 && $0["kind"] is String }, "\(verb)")
        }
        let list = try await Eventbus.run(["dlq", "list", "--json"], log: folder.log)
        let id = try #require(list.objects.first?["id"] as? String)
        for verb in [["dlq", "show", id], ["why", id], ["trace", id], ["dlq", "retry", id]] {
            #expect(try await Eventbus.run(verb, log: folder.log).status == 0)
        }
    }

    @Test("colours are for terminals alone")
    func colours() async throws {
        let folder = try await Shop.copy()
        #expect(
            !(try await Eventbus.run(["why", "mail/1"], log: folder.log, environment: ["TERM": "xterm"])).output.contains(
                "\u{1B}"))
    }
}
