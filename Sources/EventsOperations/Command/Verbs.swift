//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsCommandLine

/// What the command can do, as data: its parser, help, manual and completions are made of it.
enum Verbs {
    static func command(name: String, database: String?) -> CommandDescription {
        CommandDescription(
            name: name, summary: "look into the log of an event bus, and steer the bus",
            discussion: [
                "Reads the log's file, whether a bus runs on it or not, and changes nothing by that. A change is asked of the bus that has the log open, at the socket beside it; where nobody has it open, it is made under the log's lock, and the next bus finds it made. Handlers run in the bus alone.",
                "Durations are written as 90s, 15m, 1h30m or 2d; times as 2026-11-20T03:00Z, 2026-11-20 (both UTC), '2h ago' or yesterday; rates as 10/s or 600/m; sizes as 64KiB or 10MB. Payloads are shown only when they are asked for. An ID is a delivery (mail/17), or, where an event is meant, also its offset or its identity.",
            ],
            verbs: deadLetters + plans + looking + rest,
            options: [
                OptionDescription(
                    "db", value: "FILE",
                    "The log's file. The default is " + (database.map { "\($0)." } ?? "what EVENTBUS_DB says."), completion: .file
                ),
                OptionDescription("json", "Print one JSON object a line, for programs."),
            ],
            exitCodes: ExitCode.allCases.map { ($0.rawValue, $0.meaning) },
            environment: [
                ("EVENTBUS_DB", "The log's file, where --db does not say."), ("NO_COLOR", "Anything: no colours."),
            ],
            examples: [
                CommandExample("dlq list --group", "What fails, and how much of it."),
                CommandExample("why mail/17", "Why this delivery has not been handled."),
                CommandExample("dlq retry mail/17", "Send it back."),
                CommandExample("stats --watch", "How the subscriptions do, again and again."),
            ])
    }

    // MARK: Options

    static let filters: [OptionDescription] = [
        OptionDescription("subscription", letter: "s", value: "NAME", "Of this subscription.", heading: "Which dead letters"),
        OptionDescription("event", letter: "e", value: "NAME", "Of events with this name.", heading: "Which dead letters"),
        OptionDescription("error", value: "TYPE", "Whose last error is of this type.", heading: "Which dead letters"),
        OptionDescription("error-text", value: "TEXT", "Whose last error has this in its text.", heading: "Which dead letters"),
        OptionDescription("key", letter: "k", value: "KEY", "With this ordering key.", heading: "Which dead letters"),
        OptionDescription("correlation", value: "ID", "With this correlation.", heading: "Which dead letters"),
        OptionDescription("since", value: "TIME", "That died at this time or later.", heading: "Which dead letters"),
        OptionDescription("before", value: "TIME", "That died before this time.", heading: "Which dead letters"),
    ]
    private static let all = OptionDescription(
        "all", "All of them. Needed where no filter is given.", heading: "Which dead letters")
    private static let reason = OptionDescription("reason", letter: "r", value: "TEXT", "Why, for the log's audit.")
    private static let yes = OptionDescription("yes", letter: "y", "Do it. Without this, many letters are only previewed.")
    private static let dryRun = OptionDescription("dry-run", "Say what would be done, and do nothing.")
    private static let payload = OptionDescription("payload", "Show payloads as well.")
    private static func limit(_ count: Int) -> OptionDescription {
        OptionDescription("limit", letter: "n", value: "N", "At most so many; the default is \(count).")
    }
    private static let id = OperandDescription("ID", "A dead letter, as in mail/17.")
    private static let subject = OperandDescription("ID", "An event's identity or offset, or a delivery as in mail/17.")

    // MARK: Verbs

    private static let deadLetters: [VerbDescription] = [
        VerbDescription(
            "dlq list", "List dead letters",
            options: filters + [
                OptionDescription("group", "Count them by subscription, event and error instead."),
                OptionDescription("newest", "The latest first; otherwise in the order in which they came."), limit(20),
                OptionDescription("after", value: "N", "The next page: what the page before said at its end."),
            ],
            examples: [
                CommandExample("dlq list --group", "What fails, the most frequent first."),
                CommandExample("dlq list -s mail --since '2h ago'", "The mails that failed in the last two hours."),
            ]),
        VerbDescription(
            "dlq show", "Show one dead letter with its whole history", operands: [id], options: [payload],
            examples: [CommandExample("dlq show mail/17 --payload", "With what the event says.")]),
        VerbDescription(
            "dlq retry", "Send dead letters back to their subscriptions",
            discussion: [
                "With IDs, sends these. With a filter, says first how many it would send, and sends them with --yes. A key's letters and what waits behind them run in offset order.",
                "Letters whose type nobody handles now stay. For many letters a plan is safer: see 'dlq plan'.",
            ],
            operands: [OperandDescription("ID", "Dead letters, as in mail/17.", isRequired: false, isRepeated: true)],
            options: filters + [
                all,
                OptionDescription(
                    "in-order", "With --key: refuse to leave out an earlier letter of the key, or a subscription without order."),
                yes,
                dryRun, reason,
            ],
            examples: [
                CommandExample("dlq retry mail/17", "One letter."),
                CommandExample("dlq retry --key VINET --in-order --yes", "All of a key, in order."),
                CommandExample("dlq retry -s mail --error SMTPTimeout", "How many it would send."),
            ]),
        VerbDescription(
            "dlq discard", "Give dead letters up", discussion: ["What waits behind them goes on. The reason is kept."],
            operands: [OperandDescription("ID", "Dead letters, as in mail/17.", isRequired: false, isRepeated: true)],
            options: filters + [all, OptionDescription("reason", letter: "r", value: "TEXT", "Why. Needed."), yes, dryRun],
            examples: [CommandExample("dlq discard mail/17 --reason 'customer left'", "Give one up.")]),
        VerbDescription(
            "dlq edit", "Change what a dead letter is handled with",
            discussion: [
                "Sets values in the payload that its own subscription gets when it is redriven. The event itself stays as it is, for every other subscription and for the record. The rest of the payload stays to the last digit. Where a bus runs, it refuses what its code could not read."
            ],
            operands: [id],
            options: [
                OptionDescription("set", value: "POINTER=JSON", "Set the value at a JSON pointer; may be given several times."),
                OptionDescription(
                    "set-text", value: "POINTER=TEXT", "The same with a text, which needs no quotation marks of JSON."),
                dryRun, reason,
            ],
            examples: [CommandExample("dlq edit mail/17 --set /quantity=5 --set-text /sku=CHAI", "Mend two fields.")]),
        VerbDescription(
            "dlq export", "Write dead letters with their payloads as JSON lines",
            options: filters + [
                OptionDescription(
                    "redact", value: "FIELD",
                    "Replace a field by \"[redacted]\": a JSON pointer, or a name wherever it stands in payloads and headers; also key and errorText. May be given several times."
                ),
                OptionDescription(
                    "output", letter: "o", value: "FILE", "Write to a new file that you alone can read.", completion: .file),
            ],
            examples: [CommandExample("dlq export -s mail --redact email -o letters.jsonl", "Without addresses.")]),
        VerbDescription(
            "dlq check", "Exit with 6 when there are too many dead letters, or too old ones",
            discussion: ["For probes and cron."],
            options: filters + [
                OptionDescription("max", value: "N", "So many are allowed; the default is 0, or any number with --max-age."),
                OptionDescription("max-age", value: "DURATION", "None may be older than this."),
            ],
            examples: [
                CommandExample("dlq check --max 100 --max-age 1d", "Neither more than a hundred, nor any older than a day.")
            ]),
    ]

    private static let plans: [VerbDescription] = [
        VerbDescription(
            "dlq plan", "Fix a set of dead letters, to be sent back with care",
            discussion: [
                "Fixes which letters, shows what they are, and sends nothing. What fails later is not part of it. 'dlq apply' has the plan carried out."
            ],
            options: filters + [
                all, OptionDescription("rate", value: "RATE", "Reckon with this rate; the default is 10/s."), dryRun, reason,
            ], examples: [CommandExample("dlq plan -s mail --before '1h ago'", "All mails but the latest.")]),
        VerbDescription(
            "dlq apply", "Have a plan carried out",
            discussion: [
                "The bus that has the log open sends the letters; where none has, the plan waits for the next. It goes on after a crash, and sends nothing twice."
            ],
            operands: [OperandDescription("PLAN", "The plan's number.")],
            options: [
                OptionDescription("canary", value: "N", "Send so many first, and the rest only when all of them succeed."),
                OptionDescription("rate", value: "RATE", "How fast; the default is 10/s."),
                OptionDescription("abort-after", value: "K", "End after so many failures; the default is 10, never is possible."),
                yes,
                dryRun, reason,
            ], examples: [CommandExample("dlq apply 3 --canary 5 --rate 20/s --abort-after 3 --yes", "With care.")]),
        VerbDescription(
            "dlq status", "Show redrive plans and how far they are",
            operands: [OperandDescription("PLAN", "A plan's number; otherwise all.", isRequired: false)],
            examples: [CommandExample("dlq status 3", "How far it is.")]),
        VerbDescription(
            "dlq cancel", "Stop a plan", discussion: ["What was sent goes on. The rest stay the dead letters that they are."],
            operands: [OperandDescription("PLAN", "The plan's number.")], options: [dryRun, reason],
            examples: [CommandExample("dlq cancel 3", "Send no more of it.")]),
    ]

    private static let looking: [VerbDescription] = [
        VerbDescription(
            "why", "Say why an event has not been handled, or that it was", operands: [subject],
            examples: [
                CommandExample("why mail/17", "This delivery."),
                CommandExample("why 17", "All deliveries of the event at offset 17."),
            ]),
        VerbDescription(
            "trace", "Show what an event led to, and what became of all of it",
            operands: [OperandDescription("ID", "A correlation, an event's identity or offset, or a delivery.")],
            options: [
                OptionDescription("mermaid", "As a Mermaid flowchart."),
                OptionDescription("limit", letter: "n", value: "N", "At most so many events; the default is 1000."),
            ], examples: [CommandExample("trace 17 --mermaid", "As a picture.")]),
        VerbDescription(
            "log", "List events",
            options: eventFilters + [
                OptionDescription("after", value: "OFFSET", "From here on; otherwise the latest."), limit(20), payload,
            ],
            examples: [CommandExample("log --event order.placed --since '1h ago'", "The orders of the last hour.")]),
        VerbDescription(
            "tail", "Follow events as they are published",
            discussion: ["It goes on while services end and begin. Ctrl-C ends it."],
            options: eventFilters + [
                OptionDescription("lines", letter: "n", value: "N", "Begin with so many of the latest; the default is 10."),
                OptionDescription("after", value: "OFFSET", "Begin behind this offset instead."),
                OptionDescription("count", letter: "c", value: "N", "End after so many."), payload,
            ], examples: [CommandExample("tail --event order.placed", "Orders as they come.")]),
        VerbDescription(
            "stats", "Show how subscriptions do: backlog, lag, rates, latencies",
            options: [
                OptionDescription("subscription", letter: "s", value: "NAME", "Only this one."),
                OptionDescription("watch", letter: "w", "Again and again, in place."),
                OptionDescription("interval", value: "DURATION", "How often; the default is 2s."),
                OptionDescription("count", letter: "c", value: "N", "End after so many times."),
            ], examples: [CommandExample("stats --watch --interval 500ms", "Twice a second.")]),
        VerbDescription("subscriptions", "List subscriptions as they are stored"),
        VerbDescription(
            "topology", "Show who publishes and handles what, as the log has seen it",
            options: [OptionDescription("mermaid", "As a Mermaid flowchart.")],
            examples: [CommandExample("topology --mermaid > topology.mmd", "As a picture.")]),
        VerbDescription(
            "verify", "Check the whole log",
            discussion: [
                "Checks each row's checksum, that causes come before effects, that each delivery came to one thing, that those of a key did in order, that no row belongs to nothing, and SQLite's own structures. Exits with 1 when something is wrong."
            ], options: [OptionDescription("quick", "Leave out what SQLite checks about indexes.")]),
    ]

    private static let rest: [VerbDescription] = [
        VerbDescription("audit", "List who changed what, when and why", options: [limit(20)]),
        VerbDescription(
            "completions", "Print what makes a shell complete this command",
            operands: [OperandDescription("SHELL", "bash, zsh or fish.", values: ["bash", "zsh", "fish"])],
            examples: [
                CommandExample("completions bash > eventbus.bash", "For bash, which reads it with 'source eventbus.bash'.")
            ]),
        VerbDescription(
            "manual", "Print the page of the manual", examples: [CommandExample("manual | man -l -", "Read it.")]),
    ]

    private static let eventFilters: [OptionDescription] = [
        OptionDescription("event", letter: "e", value: "NAME", "With this name.", heading: "Which events"),
        OptionDescription("key", letter: "k", value: "KEY", "With this ordering key.", heading: "Which events"),
        OptionDescription("correlation", value: "ID", "With this correlation.", heading: "Which events"),
        OptionDescription("emitted-by", value: "NAME", "Published by this subscription's handlers.", heading: "Which events"),
        OptionDescription("since", value: "TIME", "Published at this time or later.", heading: "Which events"),
        OptionDescription("before", value: "TIME", "Published before this time.", heading: "Which events"),
        OptionDescription("larger-than", value: "SIZE", "With a payload larger than this.", heading: "Which events"),
    ]
}
