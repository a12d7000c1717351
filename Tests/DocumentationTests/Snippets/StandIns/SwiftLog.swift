//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

// The shape of what the adapters in docs/observability.md use of swift-log (Logging 1.x), and a record of how they use it.

struct Logger: Sendable {
    enum Level: Sendable { case trace, debug, info, notice, warning, error, critical }

    struct Message: ExpressibleByStringInterpolation, Sendable {
        let text: String
        init(stringLiteral value: String) { text = value }
    }

    enum MetadataValue: ExpressibleByStringInterpolation, Sendable, Equatable {
        case string(String)
        init(stringLiteral value: String) { self = .string(value) }
    }

    typealias Metadata = [String: MetadataValue]

    struct Entry: Sendable {
        let level: Level
        let message: String
        let metadata: Metadata
    }

    final class Record: Sendable {
        private let state = Guarded<[Entry]>([])
        var entries: [Entry] { state.withLock { $0 } }
        func append(_ entry: Entry) { state.withLock { $0.append(entry) } }
    }

    let record = Record()

    func log(
        level: Level, _ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil,
        source: @autoclosure () -> String? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        record.append(Entry(level: level, message: message().text, metadata: metadata() ?? [:]))
    }
}
