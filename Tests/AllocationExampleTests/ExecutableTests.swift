//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import AllocationExample

@Suite("The executable", .enabled(if: BuiltExecutable.exists, "the executable was not built beside the tests"))
struct ExecutableTests {
    private func run(_ arguments: String...) async throws -> BuiltExecutable.Result {
        try await #require(BuiltExecutable()).run(arguments)
    }

    @Test("ends its output with the totals as one JSON object, and exits with 0")
    func json() async throws {
        let result = try await withTemporaryLog { log in
            try await run("--faults", "mail", "--workers=2", "--json", "--db", log)
        }
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.last?.hasPrefix(#"{"events":{"batchCreated":563,"allocationRequired":2241,"#) == true)
        #expect(lines.last?.hasSuffix(#","resumed":0}"#) == true)
        #expect(!(result.output + result.errors).contains("\u{1B}"))
    }

    @Test("names a missing file on standard error, and exits with 1")
    func missingFile() async throws {
        let result = try await run("--input", "/nonexistent/orders.jsonl", "--json")
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errors.contains("\"/nonexistent/orders.jsonl\": there is no such file"))
    }

    @Test("names a wrong option on standard error, and exits with 2")
    func wrongOption() async throws {
        let result = try await run("--nonsense")
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors == "error: unknown option \"--nonsense\"; see --help\n")
    }

    @Test("prints its help on standard output, and exits with 0")
    func help() async throws {
        let result = try await run("--help")
        #expect(result.status == 0)
        #expect(result.output == Options.help + "\n")
        #expect(result.errors.isEmpty)
    }
}
