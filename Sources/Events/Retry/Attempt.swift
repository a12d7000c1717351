//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One run of a handler that did not complete its delivery, as a dead letter's history keeps it.
public struct Attempt: Sendable, Hashable {
    /// Which run it was, counted from 1 over the delivery's whole life, redrives included.
    public let number: Int
    /// The time of day at which the handler started.
    public let startedAt: Date
    /// How long the handler ran.
    public let duration: Duration
    /// The name of the error's type, such as `MailFault`.
    public let errorType: String
    /// The error's own text, at most 1,024 bytes of it.
    public let errorText: String
    /// Whether it counted against the attempt limit; `retry(after:)` does not.
    public let isCounted: Bool

    /// A run as it is remembered.
    public init(
        number: Int, startedAt: Date, duration: Duration, errorType: String, errorText: String, isCounted: Bool
    ) {
        self.number = number
        self.startedAt = startedAt
        self.duration = duration
        self.errorType = errorType
        self.errorText = errorText
        self.isCounted = isCounted
    }
}

/// An error as text: what a history keeps of it.
struct ErrorText {
    let type: String
    let text: String

    /// The longest text kept of an error, in bytes of UTF-8: ten thousand dead letters then stay within tens of megabytes.
    static let longestText = 1024

    init(type: String, text: String) {
        self.type = type
        self.text = text
    }

    init(_ error: any Error) {
        if let disposition = error as? Disposition {
            type = "Disposition"
            text = Self.clipped(disposition.description)
        } else {
            type = String(describing: Swift.type(of: error))
            text = Self.clipped(String(describing: error))
        }
    }

    private static func clipped(_ text: String) -> String {
        guard text.utf8.count > longestText else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: longestText)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end]) + "…"
    }
}

/// A handler ran longer than its subscription's timeout and was cancelled.
public struct HandlerTimeout: Error, Sendable, Hashable, CustomStringConvertible {
    /// The subscription's timeout.
    public let limit: Duration
    /// Whether the handler ignored the cancellation until its worker was replaced.
    public let ignoredCancellation: Bool

    public var description: String {
        ignoredCancellation
            ? "the handler ran longer than its timeout of \(limit) and ignored its cancellation"
            : "the handler ran longer than its timeout of \(limit) and was cancelled"
    }
}
