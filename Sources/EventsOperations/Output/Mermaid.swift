//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import EventsCommandLine

/// Flowcharts in the language of Mermaid.
enum Mermaid {
    static func trace(_ report: TraceReport) -> [String] {
        var lines = ["flowchart TD"]
        var path: [Int] = []
        for (index, node) in report.events.enumerated() {
            path = Array(path.prefix(node.level)) + [index]
            let place = node.event.offset.map { "offset \($0)" } ?? "scheduled"
            lines.append("    e\(index)[\"\(text(node.event.event))<br/>\(place)\"]")
            if node.level > 0, path.count >= 2 {
                let by = node.event.emittedBy.map { "|\"\(text($0))\"|" } ?? ""
                lines.append("    e\(path[path.count - 2]) -->\(by) e\(index)")
            }
            for (number, delivery) in node.deliveries.enumerated() {
                let id = "e\(index)d\(number)"
                let time = delivery.at.map { "<br/>\($0.secondsText)" } ?? ""
                lines.append("    \(id)([\"\(text(delivery.subscription)): \(delivery.state.rawValue)\(time)\"])")
                lines.append("    e\(index) -.-> \(id)")
                lines.append("    class \(id) \(styleName(delivery.state))")
            }
        }
        return lines + [
            "    classDef ended stroke:#2a2", "    classDef failed stroke:#c22,stroke-width:3px", "    classDef open stroke:#c90",
        ]
    }

    static func topology(_ report: TopologyReport) -> [String] {
        var lines = ["flowchart LR"]
        var names: [String: String] = [:]
        func node(_ name: String, _ prefix: String, _ shape: (String) -> String) -> String {
            if let id = names[prefix + name] { return id }
            let id = "\(prefix)\(names.count)"
            names[prefix + name] = id
            lines.append("    \(id)\(shape(text(name)))")
            return id
        }
        for publisher in report.publishers {
            let from =
                publisher.subscription.map { node($0, "s") { "([\"\($0)\"])" } }
                ?? node("outside of handlers", "o") { "{{\"\($0)\"}}" }
            let event = node(publisher.event, "e") { "[\"\($0)\"]" }
            lines.append("    \(from) -->|\(publisher.events)| \(event)")
        }
        for handler in report.handlers {
            let event = node(handler.event, "e") { "[\"\($0)\"]" }
            let to = node(handler.subscription, "s") { "([\"\($0)\"])" }
            lines.append("    \(event) \(handler.isRegistered ? "-->" : "-.->") \(to)")
        }
        return lines
    }

    /// Text that can stand in quotation marks there, whatever it is.
    private static func text(_ text: String) -> String {
        text.printable(80).unicodeScalars.map { scalar in
            "\"<>&#;`|\\".unicodeScalars.contains(scalar) ? "#\(scalar.value);" : String(scalar)
        }.joined()
    }

    private static func styleName(_ state: DeliveryState) -> String {
        switch state {
        case .completed, .discarded: "ended"
        case .dead, .parked: "failed"
        default: "open"
        }
    }
}
