//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events

// The shape of what the adapters in docs/observability.md use of swift-distributed-tracing (Tracing 1.x), with a tracer that gives
// its spans numbers.

protocol Extractor: Sendable {
    associatedtype Carrier: Sendable
    func extract(key: String, from carrier: Carrier) -> String?
}

protocol Injector: Sendable {
    associatedtype Carrier: Sendable
    func inject(_ value: String, forKey key: String, into carrier: inout Carrier)
}

struct ServiceContext: Sendable {
    @TaskLocal static var current: ServiceContext?
    static var topLevel: ServiceContext { ServiceContext() }

    /// The span that is under way, by its name.
    var span: String?
}

enum SpanKind: Sendable { case `internal`, server, client, producer, consumer }

protocol Span: AnyObject, Sendable {
    var attributes: SpanAttributes { get set }
}

struct SpanAttributes: Sendable {
    private var values: [String: String] = [:]

    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }
}

/// What the stand-in's tracer saw.
final class TraceRecord: Sendable {
    @TaskLocal static var current = TraceRecord()

    private let state = Guarded<[String]>([])
    var spans: [String] { state.withLock { $0 } }
    func append(_ span: String) { state.withLock { $0.append(span) } }
}

final class RecordedSpan: Span {
    private let state = Guarded(SpanAttributes())

    var attributes: SpanAttributes {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

struct RecordingInstrument: Sendable {
    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let span = context.span { injector.inject(span, forKey: "traceparent", into: &carrier) }
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        if let span = extractor.extract(key: "traceparent", from: carrier) { context.span = span }
    }
}

enum InstrumentationSystem {
    static let instrument = RecordingInstrument()
}

func withSpan<T>(
    _ operationName: String, context: @autoclosure () -> ServiceContext = .current ?? .topLevel,
    ofKind kind: SpanKind = .internal, isolation: isolated (any Actor)? = #isolation, function: String = #function,
    file fileID: String = #fileID, line: UInt = #line, _ operation: (any Span) async throws -> T
) async rethrows -> T {
    let parent = context().span
    let span = RecordedSpan()
    return try await ServiceContext.$current.withValue(ServiceContext(span: operationName)) {
        defer {
            let destination = span.attributes["subscription"] ?? "-"
            TraceRecord.current.append("\(operationName) in \(destination) after \(parent ?? "nothing")")
        }
        return try await operation(span)
    }
}
