//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine
import EventsSQLite

/// What the reader can do with the log that the demonstration leaves.
struct NextStepsReport {
    /// The path of the log's file.
    let path: String
    /// The delivery with a story: the mail that was refused until the mail server was repaired, or else the first line.
    let subject: String

    /// What to type.
    var commands: [String] {
        ["trace \(subject)", "why \(subject)", "stats"].map { "scripts/eventbus \($0) --db \(LogFile.shellText(path))" }
    }

    func lines(_ style: Style) -> [String] {
        let text =
            "The log is a file that you can look into, while a service runs on it and now: what led to a mail and what became of it, "
            + "why it was late, how everybody does. From the clone:"
        return [style.bold("Look into the log"), ""] + TextLayout.wrap(text, first: "  ") + [""] + commands.flatMap(Self.broken)
            + [""]
    }

    /// A command in two lines, since the path may be long.
    private static func broken(_ command: String) -> [String] {
        let parts = command.split(separator: " --db ", maxSplits: 1)
        return ["    \(parts[0]) \\", "        --db \(parts.count > 1 ? parts[1] : "")"]
    }

    /// The delivery with a story.
    static func subject(_ database: SQLiteReadTransaction) throws -> String {
        let sql = """
            SELECT s.name || '/' || r.offset FROM bus_redrives AS r JOIN bus_subscriptions AS s ON s.id = r.subscription
            ORDER BY r.redriven_at LIMIT 1
            """
        return try database.query(sql).first?[0].string ?? "1"
    }
}
