//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Rows in columns, fitted to a width if there is one.
package struct TextTable: Sendable {
    package struct Column: Sendable {
        let title: String
        var isRight = false
        /// To how many columns of the terminal it may shrink; `nil` is never, as for what somebody is to copy.
        var least: Int?

        /// Text, from the left.
        package static func left(_ title: String, least: Int? = nil) -> Column { Column(title: title, least: least) }
        /// Numbers, to the right.
        package static func right(_ title: String) -> Column { Column(title: title, isRight: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row; cells that are missing are empty.
    package mutating func add(_ cells: [String]) {
        rows.append(Array((cells + Array(repeating: "", count: columns.count)).prefix(columns.count)))
    }

    package var isEmpty: Bool { rows.isEmpty }

    /// The lines.
    ///
    /// - Parameters:
    ///   - width: What they are to fit; `nil` cuts nothing off, for programs that read what no terminal shows.
    ///   - style: How to show the titles.
    package func lines(width: Int?, style: Style = Style()) -> [String] {
        var widths = columns.indices.map { index in
            max(columns[index].title.columnWidth, rows.map { $0[index].columnWidth }.max() ?? 0)
        }
        if let width {
            // What may shrink gives way, the widest first.
            var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
            while excess > 0,
                let widest = columns.indices.filter({ widths[$0] > columns[$0].least ?? .max }).max(by: {
                    widths[$0] < widths[$1]
                })
            {
                widths[widest] -= 1
                excess -= 1
            }
        }
        return [style.bold(line(columns.map(\.title), widths))] + rows.map { line($0, widths) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = cell.truncated(to: widths[index])
            let space = String(repeating: " ", count: max(0, widths[index] - text.columnWidth))
            line += columns[index].isRight ? space + text : text + space
            if index + 1 < cells.count { line += "  " }
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}

/// Names and what they stand for, one below the other.
package struct KeyValueBlock: Sendable {
    private var entries: [(name: String, value: String)] = []

    package init() {}

    /// Adds a line. One without a value is left out.
    package mutating func add(_ name: String, _ value: String?) {
        if let value { entries.append((name, value)) }
    }

    package func lines(style: Style = Style()) -> [String] {
        let width = entries.map(\.name.count).max() ?? 0
        return entries.flatMap { entry in
            var lines = TextLayout.wrap(entry.value, first: entry.name.filled(to: width) + "  ")
            if let first = lines.first {
                lines[0] = style.dim(String(first.prefix(width))) + first.dropFirst(width)
            }
            return lines
        }
    }
}

/// Draws over what was drawn before, for displays that go on.
package enum Redraw {
    /// Goes to the top of the screen, writes lines, and erases what is left of older ones.
    package static func text(_ lines: [String]) -> String {
        "\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
    }
}
