//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// What went wrong with a bus, apart from a publish that failed (``PublishError``). The message says what, where and what to do.
public struct EventBusError: Error, Sendable, Hashable {
    /// The kind of an error. More kinds may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case duplicateSubscription, duplicateCommandHandler, invalidName, nameTaken, invalidConfiguration, noCommandHandler
            case foreignReceipt, handlerEnded, wouldDeadlock, alreadyRunning, shuttingDown, closed, unknownDeadLetter
            case noSubscription, needsLog, stillRegistered
        }

        private let value: Value

        /// A subscription of this name exists already.
        public static let duplicateSubscription = Code(value: .duplicateSubscription)
        /// The command has a handler already.
        public static let duplicateCommandHandler = Code(value: .duplicateCommandHandler)
        /// A name is empty, too long or has control characters.
        public static let invalidName = Code(value: .invalidName)
        /// Another event type of this bus has the same name.
        public static let nameTaken = Code(value: .nameTaken)
        /// An option is out of its range.
        public static let invalidConfiguration = Code(value: .invalidConfiguration)
        /// Nobody handles the command.
        public static let noCommandHandler = Code(value: .noCommandHandler)
        /// A receipt was shown to a bus that did not give it.
        public static let foreignReceipt = Code(value: .foreignReceipt)
        /// A handler's context was used after the handler had ended.
        public static let handlerEnded = Code(value: .handlerEnded)
        /// The call would wait inside a handler for what that handler holds up.
        public static let wouldDeadlock = Code(value: .wouldDeadlock)
        /// `run()` was called before; a bus runs once.
        public static let alreadyRunning = Code(value: .alreadyRunning)
        /// The bus is shutting down and takes nothing new.
        public static let shuttingDown = Code(value: .shuttingDown)
        /// The bus is closed.
        public static let closed = Code(value: .closed)
        /// There is no such dead letter, or not any more.
        public static let unknownDeadLetter = Code(value: .unknownDeadLetter)
        /// There is no subscription that could take the delivery.
        public static let noSubscription = Code(value: .noSubscription)

        /// Only a bus with a log, or with another kind of log, can do this.
        public static let needsLog = Code(value: .needsLog)
        /// The subscription is registered with this bus, so it cannot be removed from the log.
        public static let stillRegistered = Code(value: .stillRegistered)

        public var description: String { value.rawValue }
    }

    /// The kind of the error.
    public let code: Code
    /// What happened, where, and what to do about it. It never holds an event's content.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension EventBusError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}
