//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

func withTemporaryFile<Value>(_ bytes: some Sequence<UInt8>, _ body: (String) throws -> Value) throws -> Value {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("allocation-\(UUID().uuidString).jsonl")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}

/// Hands out a path in a folder of its own, for a log.
func withTemporaryLog<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("allocation-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.appendingPathComponent("orders.db").path)
}

/// Hands out a stream's path and one for a log beside it.
func withTemporaryStream<Value>(_ text: String, _ body: (_ stream: String, _ log: String) async throws -> Value) async throws
    -> Value
{
    try await withTemporaryLog { log in
        let stream = log + ".jsonl"
        try Data(text.utf8).write(to: URL(fileURLWithPath: stream))
        return try await body(stream, log)
    }
}
