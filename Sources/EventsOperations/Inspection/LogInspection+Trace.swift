//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsSQLite

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension LogInspection {
    /// Everything with one first cause, as a tree.
    ///
    /// - Parameters:
    ///   - text: A correlation's id, an event's id or offset, or `subscription/offset`.
    ///   - limit: The most events.
    /// - Returns: `nil` when the log has nothing of that correlation.
    package func trace(_ text: String, limit: Int, _ live: LiveFacts) throws -> TraceReport? {
        let subject = try EventSubject(text)
        return try read { session in
            let finder = try DeliveryFinder(session, live)
            let correlation: EventID
            switch subject {
            case .identity(let id):
                // A correlation is named after its first cause, so an event's id may be one; if it is not, the event knows its own.
                let event = try session.bisect(id, through: finder.head).flatMap(session.event)
                correlation = event?.event.correlationID ?? id
            case .offset(let offset):
                guard let event = try session.event(at: offset) else { return nil }
                correlation = event.event.correlationID ?? event.event.id
            case .delivery(let id):
                guard let event = try session.event(at: id.offset.rawValue) else { return nil }
                correlation = event.event.correlationID ?? event.event.id
            }
            let (events, isMore) = try session.correlated(correlation, limit: max(1, limit))
            var nodes = try events.map {
                TraceNode(event: EventSummary($0), deliveries: try finder.verdicts(of: $0), level: 0)
            }
            nodes += try session.scheduled("correlation_id", correlation).map {
                TraceNode(
                    event: EventSummary($0.event), scheduledFor: Date(microseconds: $0.due), deliveries: [], level: 0)
            }
            guard !nodes.isEmpty else { return nil }
            return TraceReport(
                correlationID: correlation.description, events: CausalTree(nodes).nodesInOrder, isTruncated: isMore)
        }
    }
}

/// Puts events below those that caused them. A cause that comes later than its effect, as only a damaged log has it, is no cause here,
/// so nothing goes round in circles and nothing is left out.
struct CausalTree {
    private let nodes: [TraceNode]
    private var effects: [Int: [Int]] = [:]
    private var rootIndices: [Int] = []

    init(_ nodes: [TraceNode]) {
        self.nodes = nodes
        var positions: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            if let cause = node.event.causationID, let position = positions[cause] {
                effects[position, default: []].append(index)
            } else {
                rootIndices.append(index)
            }
            if positions[node.event.id] == nil { positions[node.event.id] = index }
        }
    }

    /// The events in the order of a tree that is read from the top, with their levels. A chain may be as long as the log, so it is not
    /// gone down by recursion.
    var nodesInOrder: [TraceNode] {
        var ordered: [TraceNode] = []
        var stack = rootIndices.reversed().map { (index: $0, level: 0) }
        while let (index, level) = stack.popLast() {
            var node = nodes[index]
            node.level = level
            ordered.append(node)
            stack += (effects[index] ?? []).reversed().map { ($0, level + 1) }
        }
        return ordered
    }
}
