//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// What the demonstration tells its reader to try.
@Suite("The demonstration's last words", .timeLimit(.minutes(15)))
struct DemonstrationTests {
    @Test("the three commands that it names work on the log that it leaves")
    func commands() async throws {
        let folder = try Folder()
        let demonstration = try await Eventbus.run(["--db", folder.log], program: "AllocationExample")
        #expect(demonstration.status == 0, "\(demonstration.errors)")
        let text = demonstration.output.replacing(" \\\n", with: " ")
        let commands = text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("scripts/eventbus ") }
        #expect(commands.count == 3)
        for command in commands {
            let line = try Eventbus.built("eventbus").path + command.dropFirst("scripts/eventbus".count)
            let result = try await Eventbus.run(["sh", "-c", line], program: "/usr/bin/env")
            #expect(result.status == 0 && !result.output.isEmpty, "\(command): \(result.errors)")
        }
        #expect(commands[0].contains("trace out-of-stock-mail/"))
    }
}
