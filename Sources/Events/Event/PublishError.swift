//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// A publish that did not succeed, and whether the event may be there nevertheless.
public struct PublishError: Error, Sendable, Hashable {
    /// What a failed publish left behind.
    public enum Result: String, Sendable, Hashable {
        /// Nothing: the event was not stored and no one will get it.
        case rejected
        /// Unknown: the event may be stored. Publishing it again with the same idempotency key is safe. An in-memory bus never says
        /// this.
        case indeterminate
    }

    /// The kind of failure. More kinds may come.
    public struct Reason: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case queueFull, wouldWaitBeforeRun, headroomExhausted, batchTooLarge, cancelled, shuttingDown, closed, invalidName
            case nameTaken, unencodable, backlogFull, logFull, logBusy, logFailed, keyReused, invalidKey, needsLog
        }

        private let value: Value

        /// A queue whose overflow policy is `.reject` is full.
        public static let queueFull = Reason(value: .queueFull)
        /// A queue is full and nothing will empty it before ``EventBus/run()``.
        public static let wouldWaitBeforeRun = Reason(value: .wouldWaitBeforeRun)
        /// A handler published past a full queue and used up the headroom that handlers have.
        public static let headroomExhausted = Reason(value: .headroomExhausted)
        /// A batch has more events than a queue that it must enter whole.
        public static let batchTooLarge = Reason(value: .batchTooLarge)
        /// The publishing task was cancelled while it waited for room.
        public static let cancelled = Reason(value: .cancelled)
        /// The bus is shutting down and takes nothing new from outside.
        public static let shuttingDown = Reason(value: .shuttingDown)
        /// The bus is closed.
        public static let closed = Reason(value: .closed)
        /// The event type's name is empty, too long or has control characters.
        public static let invalidName = Reason(value: .invalidName)
        /// Another event type of this bus has the same name.
        public static let nameTaken = Reason(value: .nameTaken)
        /// The event could not be encoded for the log.
        public static let unencodable = Reason(value: .unencodable)
        /// The slowest subscription is as far behind as the backlog limit allows.
        public static let backlogFull = Reason(value: .backlogFull)
        /// The log has no room, on its disk for one. It takes events again once there is room.
        public static let logFull = Reason(value: .logFull)
        /// Another program kept the log's storage to itself for too long.
        public static let logBusy = Reason(value: .logBusy)
        /// The log failed; with the result `indeterminate` the event may be stored. See ``EventBus/run()``.
        public static let logFailed = Reason(value: .logFailed)
        /// The idempotency key was used before, for an event of another name.
        public static let keyReused = Reason(value: .keyReused)
        /// The idempotency key is empty.
        public static let invalidKey = Reason(value: .invalidKey)
        /// Only a bus with a log can do this.
        public static let needsLog = Reason(value: .needsLog)

        public var description: String { value.rawValue }
    }

    /// Whether the event may be stored nevertheless.
    public let result: Result
    /// The kind of failure.
    public let reason: Reason
    /// What happened, where, and what to do about it. It never holds an event's content.
    public let message: String

    init(_ result: Result, _ reason: Reason, _ message: String) {
        self.result = result
        self.reason = reason
        self.message = message
    }
}

extension PublishError: CustomStringConvertible {
    public var description: String { "\(result.rawValue) (\(reason)): \(message)" }
}
