//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsOperations
import Foundation

/// The `eventbus` command: all of it is in `EventsOperations`.
@main
enum Program {
    static func main() async {
        exit(await OperationsCommand().run(Array(CommandLine.arguments.dropFirst())))
    }
}
