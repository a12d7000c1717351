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

@testable import EventsOperations

/// A redrive plan goes on where it was when the service that carries it out is killed.
@Suite("A redrive plan whose service is killed", .timeLimit(.minutes(10)))
struct KilledPlanTests {
    private static let letters = 60

    @Test("every letter is sent once and handled once, whenever the service is killed")
    func killed() async throws {
        let folder = try Folder()
        let operations = BusOperations(database: folder.log, actor: "tester")
        try await service(folder.log, "fail").value.end()
        #expect(try await operations.preview(.all).letters == Self.letters)
        let plan = try #require(try await operations.makePlan(.all))
        #expect(try await operations.applyPlan(plan.plan, canary: 5, interval: .milliseconds(2)) == false)
        var goals = [3, 11, 30, 50].makeIterator()
        while true {
            let child = try await service(folder.log, "work").value
            let goal = goals.next()
            // Until so many were sent, or the plan is over.
            while true {
                let now = try await operations.plan(plan.plan)
                if now.state != "applying" { break }
                if let goal, now.total - now.pending >= goal { break }
                await Task.yield()
            }
            child.kill()
            try await child.end()
            if goal == nil { break }
        }
        let end = try await operations.plan(plan.plan)
        #expect(end.state == "done" && end.completed == Self.letters, "\(end)")
        #expect(
            try folder.column("SELECT count(*) || ' ' || count(DISTINCT number) FROM handled") == [
                "\(Self.letters) \(Self.letters)"
            ])
        #expect(try folder.column("SELECT count(*) FROM bus_redrives") == ["\(Self.letters)"])
        #expect(try await operations.verify().listed == [])
    }

    /// Starts the service.
    private func service(_ log: String, _ what: String) -> Task<Child, any Error> {
        Task { try Child(try Eventbus.built("LetterTestProcess"), [log, what, "\(Self.letters)"]) }
    }
}

/// A program that runs beside the test.
final class Child: Sendable {
    private final class Ending: Sendable {
        let state = Guarded<(isOver: Bool, waiting: CheckedContinuation<Void, Never>?)>((false, nil))
    }

    private let process = Process()
    private let ending = Ending()

    init(_ program: URL, _ arguments: [String]) throws {
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.terminationHandler = { [ending] _ in
            let waiting = ending.state.withLock { state in
                state.isOver = true
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume()
        }
        try process.run()
    }

    /// Ends it as a crash would.
    func kill() {
        #if canImport(Darwin)
        Darwin.kill(process.processIdentifier, SIGKILL)
        #else
        Glibc.kill(process.processIdentifier, SIGKILL)
        #endif
    }

    /// Waits until it has ended.
    func end() async throws {
        await withCheckedContinuation { continuation in
            let isOver = ending.state.withLock { state in
                if !state.isOver { state.waiting = continuation }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }
}
