//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Dispatch
import Events
import Foundation
import Synchronization

/// Listens to the signals by which a person or a system ends a program (Ctrl-C is SIGINT; `kill` sends SIGTERM).
///
/// The first one is remembered here, for the program to come to an orderly end. The second one ends the process at once.
final class Interruption: Sendable {
    private let received: SignalNumber
    private let sources: Guarded<[any DispatchSourceSignal]>

    /// The signal that came first, or 0.
    private final class SignalNumber: Sendable {
        let value = Atomic<Int32>(0)
    }

    /// - Parameter signals: Which to listen to; none makes an interruption that never comes.
    init(listeningTo signals: [Int32] = [SIGINT, SIGTERM]) {
        let received = SignalNumber()
        self.received = received
        sources = Guarded(
            signals.map { number in
                #if canImport(Darwin)
                // Dispatch looks on there and leaves it to us that the signal does not end the process.
                signal(number, SIG_IGN)
                #endif
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    let first = received.value.compareExchange(expected: 0, desired: number, ordering: .sequentiallyConsistent)
                    if !first.exchanged { _exit(128 + number) }
                }
                source.activate()
                return source
            })
    }

    deinit {
        sources.withLock { sources in
            for source in sources { source.cancel() }
        }
    }

    /// The signal that asked for the end, or `nil` as long as none did.
    var signalNumber: Int32? {
        let number = received.value.load(ordering: .sequentiallyConsistent)
        return number == 0 ? nil : number
    }
}
