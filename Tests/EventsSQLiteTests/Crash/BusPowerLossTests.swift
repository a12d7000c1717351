//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Events
import Foundation
import Testing

@testable import EventsSQLite

/// A bus works on a disk that keeps a record, and every state in which a power loss could leave its files is held against what the
/// bus had acknowledged by then.
@Suite("A bus whose machine loses power", .serialized, .timeLimit(.minutes(10)))
struct BusPowerLossTests {
    /// What was acknowledged, each with the disk's position at the time.
    private struct Ledger {
        var published: [(number: Int, offset: Int64, position: Int)] = []
        var completed: [(delivery: LogImage.Delivery, position: Int)] = []
        var dead: [(delivery: LogImage.Delivery, position: Int)] = []
        var scheduled: [(id: String, position: Int)] = []
    }

    private struct Tally {
        var states = 0
        /// States that lack something acknowledged.
        var lossy = 0
        var damaged: [String] = []
        /// States that hold something that was not acknowledged yet.
        var ahead = 0
        var reopened = 0
    }

    private static let numbers = 0..<30
    private let sandbox: FileSandbox
    private let disk: FaultyDisk

    init() throws {
        sandbox = try FileSandbox()
        disk = try FaultyDisk()
        try sandbox.makeDirectory("crashed")
    }

    /// Publishes, settles with effects, retries, gives up, redrives and schedules, and notes what was acknowledged when.
    private func work(_ durability: LogSettings.Durability) async throws -> Ledger {
        let ledger = Guarded(Ledger())
        let disk = self.disk
        let workload = BusWorkload(path: sandbox("log.db"), vfs: disk.name) { settings in
            settings.durability = durability
            // So that there are many checkpoints, and the write-ahead log is begun anew.
            settings.checkpointBytes = 48 << 10
            settings.longestWAL = 96 << 10
        }
        try await workload.withBus { bus in
            var receipts: [Receipt] = []
            for number in Self.numbers {
                let receipt = try await workload.publish(number, on: bus)
                let position = disk.position
                ledger.withLock { $0.published.append((number, receipt.offset.rawValue, position)) }
                receipts.append(receipt)
                if number % 6 == 0 {
                    let id = try await bus.publish(Consequence(number: 100 + number), after: .milliseconds(number % 4))
                    let position = disk.position
                    ledger.withLock { $0.scheduled.append((id.description, position)) }
                }
                guard number % 5 == 4 else { continue }
                for receipt in receipts.suffix(5) { try await Self.note(receipt, bus, disk, ledger) }
            }
            workload.isMended.withLock { $0 = true }
            try await bus.deadLetters.redrive(matching: .all)
            for receipt in receipts { try await Self.note(receipt, bus, disk, ledger) }
        }
        return ledger.withLock { $0 }
    }

    private static func note(
        _ receipt: Receipt, _ bus: EventBus, _ disk: FaultyDisk, _ ledger: borrowing Guarded<Ledger>
    ) async throws {
        let outcome = try await bus.outcome(of: receipt)
        let position = disk.position
        ledger.withLock { ledger in
            let offset = receipt.offset.rawValue
            ledger.completed.append((LogImage.Delivery(subscription: "steady", offset: offset), position))
            let fragile = LogImage.Delivery(subscription: "fragile", offset: offset)
            if outcome.dead == 0 { ledger.completed.append((fragile, position)) } else { ledger.dead.append((fragile, position)) }
        }
    }

    /// Looks at as many states as asked for, about, spread over all positions.
    private func crashEverywhere(_ ledger: Ledger, states wanted: Int, reopenEvery: Int = 0) async throws -> Tally {
        var endings: [(position: Int, survival: FaultyDisk.Survival, seed: Int)] = []
        for position in 0...disk.position {
            endings += disk.endings(at: position, samples: 2).map { (position, $0.survival, $0.seed) }
        }
        let history = LogImage(sandbox("log.db"))
        var tally = Tally()
        for index in 0..<min(wanted, endings.count) {
            let (position, survival, seed) = endings[index * endings.count / min(wanted, endings.count)]
            try disk.crash(at: position, keeping: survival, seed: seed, into: sandbox("crashed"))
            let image = LogImage(sandbox("crashed/log.db"))
            tally.states += 1
            var problems = image.disagreements
            // What is left is the beginning of what happened.
            if image.damage == nil, !history.events.starts(with: image.events) { problems.append("another history") }
            let lost = Self.losses(ledger, at: position, image)
            if !lost.isEmpty { tally.lossy += 1 }
            if !problems.isEmpty { tally.damaged.append("\(problems), position \(position), \(survival), seed \(seed)") }
            if image.effects.contains(where: { effect in
                !ledger.completed.contains { $0.delivery == effect && $0.position <= position }
            }) {
                tally.ahead += 1
            }
            guard reopenEvery > 0, index % reopenEvery == 0 else { continue }
            tally.reopened += 1
            if let problem = try await reopen() {
                tally.damaged.append("reopened: \(problem), position \(position), \(survival)")
            }
        }
        return tally
    }

    private static func losses(_ ledger: Ledger, at position: Int, _ image: LogImage) -> [String] {
        let events = Set(image.events.map { "\($0.offset) \($0.number)" })
        let ids = image.scheduled.union(image.events.map(\.id))
        let effects = Set(image.effects)
        return ledger.published.filter { $0.position <= position && !events.contains("\($0.offset) \($0.number)") }
            .map { "step \($0.number)" }
            + ledger.scheduled.filter { $0.position <= position && !ids.contains($0.id) }.map { "scheduled \($0.id)" }
            + ledger.completed.filter { $0.position <= position && !effects.contains($0.delivery) }.map { "\($0.delivery)" }
            // A letter may have been redriven since, but it cannot be as if it had never died.
            + ledger.dead.filter { $0.position <= position && !image.attempted.contains($0.delivery) }.map {
                "dead \($0.delivery)"
            }
    }

    /// Opens the state with a bus, and lets it finish what there is. Returns what is wrong then.
    private func reopen() async throws -> String? {
        let workload = BusWorkload(path: sandbox("crashed/log.db")) { $0.durability = .nothing }
        try await workload.finishAll(Self.numbers)
        let image = LogImage(sandbox("crashed/log.db"))
        let numbers = Set(image.events.filter { $0.name == Step.name }.map(\.number))
        if !numbers.isSuperset(of: Self.numbers) { return "a number is missing" }
        // Scheduled events are published when they are due, which nobody has waited for.
        let missing = image.all.subtracting(image.completed).filter { delivery in
            image.events.contains { $0.offset == delivery.offset && $0.number < 100 }
        }
        if !missing.isEmpty { return "not finished: \(missing.sorted().prefix(3))" }
        return image.disagreements.first
    }

    @Test("loses nothing that it acknowledged, and finds a sound log, when commits wait for the disk")
    func powerLoss() async throws {
        let ledger = try await work(.power)
        let tally = try await crashEverywhere(ledger, states: 5_200, reopenEvery: 260)
        #expect(tally.states >= 5_000)
        #expect(tally.lossy == 0)
        #expect(tally.damaged.isEmpty, "\(tally.damaged.prefix(3))")
        // Otherwise the disk would only ever have kept what was synced.
        #expect(tally.ahead > 0)
        #expect(tally.reopened >= 20)
    }

    @Test("loses the latest of what it acknowledged when commits do not wait, and what is left is whole")
    func processEnd() async throws {
        let tally = try await crashEverywhere(try await work(.process), states: 800, reopenEvery: 100)
        #expect(tally.lossy > 0)
        #expect(tally.damaged.isEmpty, "\(tally.damaged.prefix(3))")
    }

    @Test("is seen to lose things, and to find damage, when nothing is ever synced")
    func nothing() async throws {
        let tally = try await crashEverywhere(try await work(.nothing), states: 800)
        #expect(tally.lossy > 0)
        #expect(!tally.damaged.isEmpty)
    }
}
