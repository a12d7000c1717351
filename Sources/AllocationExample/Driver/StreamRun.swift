//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import EventsCommandLine
import Foundation

/// Drives the stream and shows how far that is.
struct StreamRun: Sendable {
    let application: AllocationApplication
    let bus: EventBus
    let start: StartingPoint
    let console: Console
    /// After how many lines to end the process as a crash would.
    var crashAfter: Int?
    /// The signal that asks to read no further, if one came.
    let interruption: @Sendable () -> Int32?

    /// What driving the stream came to.
    struct Driven: Sendable {
        var lines = 0
        var rejectedLines = 0
        /// The signal that came before the end of the stream, if one did.
        var stoppedBy: Int32?
    }

    /// Reads the whole stream once, before anything of it is published, and compares it with what earlier runs published: a line
    /// of another stream must not get into the log. What cannot be read twice, such as a pipe, is only compared as it is driven.
    func compare(_ path: String) async throws {
        guard start.lastOffset > 0 else { return }
        var stream = try OrderStream(path: path)
        guard stream.fractionRead != nil else { return }
        var known = knownLines
        var item: StreamItem?
        repeat {
            item = try stream.next()
            try await known.check(item)
        } while item != nil && interruption() == nil
    }

    private var knownLines: KnownLines { KnownLines(on: bus, since: start, path: application.path) }

    /// Drives the stream to its end, or to where a signal stopped it.
    func drive(_ stream: OrderStream) async throws -> Driven {
        var stream = stream
        var known = knownLines
        var driven = Driven()
        var progress = ProgressMeter.Progress()
        var meter = ProgressMeter(isInPlace: console.isInPlace, start: .now)
        let driver = StreamDriver(bus: bus, isStopped: { interruption() != nil })
        let isAtEnd = try await driver.drive {
            let item = try stream.next()
            try await known.check(item)
            progress.fraction = stream.fractionRead
            return item
        } tell: { step in
            switch step {
            case .read(.event):
                progress.lines += 1
            case .read(.rejected(let line, let reason)):
                progress.lines += 1
                driven.rejectedLines += 1
                console.notice("line \(line.number): \(reason)")
            case .resolved:
                break
            }
            if progress.lines == crashAfter { crash(at: progress.lines) }
            progress.retries = application.activity.retries
            if let line = meter.line(for: progress, now: .now) { console.show(progress: line) }
        }
        console.show(progress: nil)
        driven.lines = progress.lines
        if !isAtEnd {
            driven.stoppedBy = interruption()
            console.notice("stopped by a signal; the lines read so far are handled to their end")
        }
        return driven
    }

    /// Ends the process at once, as somebody who trips over the cable would.
    private func crash(at lines: Int) {
        console.show(progress: nil)
        console.notice("killed itself after \(lines.counting("line")), as --crash-after says; go on with:")
        console.notice("  --db \(LogFile.shellText(application.path)) --resume")
        kill(getpid(), SIGKILL)
    }
}
