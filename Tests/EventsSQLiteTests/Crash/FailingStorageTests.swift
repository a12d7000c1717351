//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import CSQLite
import Events
import Foundation
import Testing

@testable import EventsSQLite

// Macros that Swift does not import.
private let sharedMemorySizeError = SQLITE_IOERR | (19 << 8)
private let sharedMemoryMapError = SQLITE_IOERR | (21 << 8)

/// Every call that a bus's log makes to the disk fails, one at a time, once or for good.
@Suite("A bus whose storage fails", .serialized, .timeLimit(.minutes(30)))
struct FailingStorageTests {
    /// What fails, and how.
    struct Fault: Sendable, CustomStringConvertible {
        let name: String
        let calls: FaultyDisk.Calls
        let code: Int32
        let isForGood: Bool

        var description: String { "\(name) \(isForGood ? "for good" : "once")" }

        static let all: [Fault] = [false, true].flatMap { isForGood in
            [
                // Reads included: what is read wrongly must not be acknowledged either.
                Fault(name: "IOERR", calls: .any, code: SQLITE_IOERR, isForGood: isForGood),
                // Disks are full when something is written, and files busy when they are locked.
                Fault(name: "FULL", calls: .write, code: SQLITE_FULL, isForGood: isForGood),
                Fault(name: "BUSY", calls: [.lock, .sharedMemory], code: SQLITE_BUSY, isForGood: isForGood),
                Fault(name: "IOERR_SHMSIZE", calls: .sharedMemory, code: sharedMemorySizeError, isForGood: isForGood),
                Fault(name: "IOERR_SHMMAP", calls: .sharedMemory, code: sharedMemoryMapError, isForGood: isForGood),
            ]
        }
    }

    private struct Ledger {
        var acknowledged: [Int: Int64] = [:]
        var rejected: Set<Int> = []
        var indeterminate: Set<Int> = []
    }

    private static let numbers = 0..<10
    /// `FAULT_TEST_STEP=1` in the environment fails every call; the normal run takes some of them, others for each kind of fault.
    private static let step =
        ProcessInfo.processInfo.environment["FAULT_TEST_STEP"].flatMap { Int($0) }.map { max(1, $0) } ?? 13

    private func workload(_ path: String, _ disk: FaultyDisk) -> BusWorkload {
        var options = SQLiteLogOptions()
        options.busyTimeout = .zero
        return BusWorkload(path: path, vfs: disk.name, options: options) { settings in
            settings.checkpointBytes = 32 << 10
            settings.longestWAL = 64 << 10
            settings.retryInterval = .milliseconds(1)
        }
    }

    /// Publishes each number once and says what came of it. It ends whatever fails.
    private func work(_ workload: BusWorkload) async -> Ledger {
        let ledger = Guarded(Ledger())
        do {
            try await workload.withBus { bus in
                for number in Self.numbers {
                    do {
                        let receipt = try await workload.publish(number, on: bus)
                        ledger.withLock { $0.acknowledged[number] = receipt.offset.rawValue }
                        // So that settlements meet the fault as well. What they wait for may never come.
                        for _ in 0..<200 { await Task.yield() }
                    } catch let error as PublishError {
                        ledger.withLock { ledger in
                            _ =
                                error.result == .rejected
                                ? ledger.rejected.insert(number) : ledger.indeterminate.insert(number)
                        }
                    }
                }
            }
        } catch {
            // The log could not be opened, or failed while the bus ran. What was promised until then is the ledger's.
        }
        return ledger.withLock { $0 }
    }

    private func problems(_ ledger: Ledger, _ image: LogImage) -> [String] {
        var found: [Int: [Int64]] = [:]
        for event in image.events where event.name == Step.name { found[event.number, default: []].append(event.offset) }
        let lost = ledger.acknowledged.filter { found[$0.key] != [$0.value] }.keys.sorted()
        let kept = ledger.rejected.filter { found[$0] != nil }.sorted()
        return (lost.isEmpty ? [] : ["lost: \(lost)"]) + (kept.isEmpty ? [] : ["rejected and stored: \(kept)"])
            + image.disagreements
    }

    @Test("acknowledges nothing that is not there, and stores nothing that it rejected", arguments: Fault.all)
    func everyCall(fault: Fault) async throws {
        let sandbox = try FileSandbox()
        try sandbox.makeDirectory("crashed")
        // A run without faults says how many calls there are.
        let undisturbed = try FaultyDisk()
        let ledger = await work(workload(sandbox("undisturbed.db"), undisturbed))
        #expect(ledger.acknowledged.count == Self.numbers.count)
        let count = undisturbed.calls(fault.calls)
        #expect(count > 30)
        let first = Int(fault.code & 0xFF) % Self.step
        for call in stride(from: first, to: count, by: Self.step) {
            let disk = try FaultyDisk()
            let path = sandbox("log-\(call).db")
            disk.fail(fault.calls, after: call, with: fault.code, forGood: fault.isForGood)
            let ledger = await work(workload(path, disk))
            disk.heal()
            for survival in [FaultyDisk.Survival.everything, .nothing] {
                try disk.crash(at: disk.position, keeping: survival, into: sandbox("crashed"))
                let image = LogImage(sandbox("crashed/log-\(call).db"))
                var problems = problems(ledger, image)
                if ledger.acknowledged.count + ledger.rejected.count + ledger.indeterminate.count > Self.numbers.count {
                    problems.append("a publish ended twice")
                }
                #expect(problems.isEmpty, "call \(call), keeping \(survival)")
            }
            // The next owner goes on from there.
            guard call % 5 == 0 else { continue }
            try await BusWorkload(path: path).finishAll(Self.numbers)
            let image = LogImage(path)
            #expect(image.disagreements.isEmpty, "call \(call), reopened")
            #expect(image.completed == image.all, "call \(call), reopened")
        }
    }

    @Test(
        "rejects publishes on a full disk, keeps what handlers did, and commits it when there is room without running them again")
    func fullDisk() async throws {
        let sandbox = try FileSandbox()
        let disk = try FaultyDisk()
        let workload = workload(sandbox("log.db"), disk)
        workload.isMended.withLock { $0 = true }
        try await workload.withBus { bus in
            let first = try await workload.publish(1, on: bus)
            _ = try await bus.outcome(of: first)
            let second = try await workload.publish(2, on: bus)
            disk.fail(.write, with: SQLITE_FULL, forGood: true)
            for number in 10..<14 {
                let refusal = await #expect(throws: PublishError.self) { _ = try await workload.publish(number, on: bus) }
                #expect(refusal?.result == .rejected && refusal?.reason == .logFull)
            }
            disk.heal()
            #expect(try await bus.outcome(of: second) == Outcome(completed: 2))
            let third = try await workload.publish(4, on: bus)
            #expect(try await bus.outcome(of: third) == Outcome(completed: 2))
        }
        #expect(workload.runs.withLock { $0.values.allSatisfy { $0 == 1 } && $0.count == 6 })
        let image = LogImage(sandbox("log.db"))
        #expect(image.disagreements.isEmpty)
        #expect(image.events.map(\.number) == [1, 2, 4])
        #expect(image.completed == image.all)
    }

    @Test("publishes scheduled events that met a full disk once there is room")
    func scheduledOnFullDisk() async throws {
        let sandbox = try FileSandbox()
        let disk = try FaultyDisk()
        let workload = workload(sandbox("log.db"), disk)
        try await workload.withBus { bus in
            try await bus.publish(Consequence(number: 1), after: .milliseconds(300))
            disk.fail(.write, on: .wal, with: SQLITE_FULL, forGood: true)
            let arrivals = bus.events(of: Consequence.self)
            // The disk gets room after the release has failed at least once.
            await disk.waitForFailures()
            disk.heal()
            var iterator = arrivals.makeAsyncIterator()
            #expect(await iterator.next()?.event.number == 1)
        }
    }

    @Test("ends run() when a publish finds that the storage failed, though nothing is handled")
    func publishFails() async throws {
        let sandbox = try FileSandbox()
        let disk = try FaultyDisk()
        let bus = try await workload(sandbox("log.db"), disk).open()
        disk.fail(.sync, forGood: true)
        let refusal = await #expect(throws: PublishError.self) { _ = try await bus.publish(Consequence(number: 1)) }
        #expect(refusal?.result == .indeterminate)
        let failure = await #expect(throws: LogFailure.self) { _ = try await bus.run() }
        #expect(failure?.reason == .io)
    }
}

extension FaultyDisk {
    /// Waits until a call has failed that was told to.
    fileprivate func waitForFailures() async {
        while failures == 0 { await Task.yield() }
    }
}
