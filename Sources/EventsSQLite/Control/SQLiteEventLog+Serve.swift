//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
public import Events

extension SQLiteEventLog {
    /// Serves the `eventbus` command at a socket beside the file, and carries out redrive plans, as long as the bus runs.
    ///
    /// Where there can be no socket the bus runs all the same; the command then says that the owner does not answer.
    public func serve(_ bus: BusControl) async {
        guard isServed, let parts = try? parts() else { return }
        let plans = PlanRunner(writer: parts.writer, bus: bus, pause: planPause)
        let server = try? ControlServer(ControlAddress(database: parts.writer.path), now: { Self.now() })
        let host = ControlHost(bus: bus, writer: parts.writer, plans: plans)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await plans.run() }
            if let server {
                let thread = LogThread()
                thread.run { server.run() }
                group.addTask {
                    await withDiscardingTaskGroup { answers in
                        for await call in server.calls {
                            answers.addTask { server.answer(call.client, await host.answer(call)) }
                        }
                    }
                    thread.stop()
                }
            }
            await bus.untilClosed()
            plans.stop()
            server?.stop()
            group.cancelAll()
        }
        // The lock is still this owner's, so the socket is as well.
        if server != nil { _ = events_file_remove(ControlAddress(database: parts.writer.path).path) }
    }
}
