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

@Suite("The flight recorder")
struct FlightRecorderTests {
    private typealias Note = FlightRecorder.Note
    private let sandbox: FileSandbox
    private var path: String { sandbox("orders.db-flight") }

    init() throws { sandbox = try FileSandbox() }

    private func note(_ subscription: Int64, _ offset: Int64) -> Note {
        Note(subscription: SubscriptionKey(rawValue: subscription), offset: Offset(rawValue: offset))
    }

    private func start(_ recorder: FlightRecorder, slot: Int, _ note: Note) {
        recorder.noteStart(slot: slot, subscription: note.subscription, offset: note.offset)
    }

    @Test("what runs is noted until it ends")
    func notes() throws {
        let recorder = try FlightRecorder(path: path, epoch: 7, slots: 3)
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7).isEmpty)
        start(recorder, slot: 0, note(1, 10))
        start(recorder, slot: 2, note(2, 20))
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7) == [note(1, 10), note(2, 20)])
        recorder.noteEnd(slot: 0)
        start(recorder, slot: 2, note(2, 21))
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7) == [note(2, 21)])
    }

    /// Where a child process of this one leaves its notes. A child cannot be told, but it knows its parent.
    private static func path(ofChildOf parent: pid_t) -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("events-flight-\(parent)").path
    }

    @Test("notes of a process that was killed are there, and go with the next epoch")
    func killed() async throws {
        let path = Self.path(ofChildOf: getpid())
        defer { try? FileManager.default.removeItem(atPath: path) }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let recorder = try FlightRecorder(path: Self.path(ofChildOf: getppid()), epoch: 7, slots: 4)
            recorder.noteStart(slot: 1, subscription: SubscriptionKey(rawValue: 5), offset: Offset(rawValue: 500))
            recorder.noteStart(slot: 3, subscription: SubscriptionKey(rawValue: 6), offset: Offset(rawValue: 600))
            recorder.noteEnd(slot: 3)
            kill(getpid(), SIGKILL)
        }
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7) == [note(5, 500)])
        let next = try FlightRecorder(path: path, epoch: 8, slots: 4)
        #expect(FlightRecorder.notes(at: path, ofEpoch: 8).isEmpty)
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7).isEmpty)
        next.clear()
    }

    @Test("notes of another epoch do not count")
    func otherEpoch() throws {
        let recorder = try FlightRecorder(path: path, epoch: 7, slots: 1)
        start(recorder, slot: 0, note(1, 10))
        #expect(FlightRecorder.notes(at: path, ofEpoch: 6).isEmpty)
        #expect(FlightRecorder.notes(at: path, ofEpoch: 8).isEmpty)
    }

    @Test("a log given up in good order leaves no notes")
    func cleared() throws {
        let recorder = try FlightRecorder(path: path, epoch: 7, slots: 2)
        start(recorder, slot: 0, note(1, 10))
        start(recorder, slot: 1, note(1, 11))
        recorder.clear()
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7).isEmpty)
    }

    @Test("a late note of an older recorder does not touch the newer one's")
    func late() throws {
        let old = try FlightRecorder(path: path, epoch: 7, slots: 2)
        let new = try FlightRecorder(path: path, epoch: 8, slots: 2)
        start(new, slot: 0, note(1, 10))
        old.noteEnd(slot: 0)
        start(old, slot: 1, note(9, 90))
        #expect(FlightRecorder.notes(at: path, ofEpoch: 8) == [note(1, 10)])
    }

    @Test("slots that do not exist are ignored, and there is always one", arguments: [-5, 0, 1, 63])
    func outOfRange(slots: Int) throws {
        let recorder = try FlightRecorder(path: path, epoch: 7, slots: slots)
        start(recorder, slot: -1, note(1, 10))
        // With 63 slots the file ends with its page, and one slot more would be outside of the map.
        start(recorder, slot: max(1, slots), note(1, 11))
        start(recorder, slot: .max, note(1, 12))
        recorder.noteEnd(slot: .min)
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7).isEmpty)
        start(recorder, slot: 0, note(1, 13))
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7) == [note(1, 13)])
    }

    @Test("a missing file, a directory, a pipe and a link have no notes")
    func strange() throws {
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7).isEmpty)
        #expect(FlightRecorder.notes(at: sandbox.path, ofEpoch: 7).isEmpty)
        #expect(mkfifo(sandbox("pipe"), 0o600) == 0)
        #expect(FlightRecorder.notes(at: sandbox("pipe"), ofEpoch: 7).isEmpty)
        let recorder = try FlightRecorder(path: path, epoch: 7, slots: 1)
        start(recorder, slot: 0, note(1, 10))
        try sandbox.link("link", to: "orders.db-flight")
        #expect(FlightRecorder.notes(at: sandbox("link"), ofEpoch: 7).isEmpty)
    }

    @Test("a file cut off anywhere, or with any byte of its header changed, has no notes of its own making")
    func damaged() throws {
        let recorder = try FlightRecorder(path: path, epoch: 7, slots: 2)
        start(recorder, slot: 0, note(1, 10))
        let whole = try #require(FileManager.default.contents(atPath: path))
        for length in stride(from: 0, to: whole.count, by: 5) {
            try whole.prefix(length).write(to: URL(fileURLWithPath: sandbox("cut")))
            #expect(FlightRecorder.notes(at: sandbox("cut"), ofEpoch: 7).isEmpty)
        }
        for position in 0..<24 {
            var changed = whole
            changed[position] ^= 0xFF
            try changed.write(to: URL(fileURLWithPath: sandbox("changed")))
            #expect(FlightRecorder.notes(at: sandbox("changed"), ofEpoch: 7).isEmpty)
        }
    }

    @Test("a foreign file in its place is replaced, and what a link there leads to is left alone")
    func foreign() throws {
        try sandbox.write("precious", to: "victim")
        try sandbox.link("orders.db-flight", to: "victim")
        let recorder = try FlightRecorder(path: path, epoch: 7, slots: 1)
        start(recorder, slot: 0, note(1, 10))
        #expect(FlightRecorder.notes(at: path, ofEpoch: 7) == [note(1, 10)])
        #expect(try sandbox.text(of: "victim") == "precious")
        #expect(try sandbox.permissions(of: "orders.db-flight") == 0o600)
    }

    @Test("where it cannot be made, opening fails and names the path")
    func impossible() throws {
        try sandbox.makeDirectory("orders.db-flight")
        let failure = try #require(throws: LogFailure.self) { _ = try FlightRecorder(path: path, epoch: 7, slots: 1) }
        #expect(failure.message.contains(path))
    }
}
