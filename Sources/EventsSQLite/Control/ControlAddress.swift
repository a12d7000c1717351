//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import Events

/// Where the owner of a log is to be reached: a socket beside the database.
package struct ControlAddress: Sendable, Hashable {
    /// The directory, absolute and without links.
    package let directory: String
    /// The socket's name in it.
    package let name: String

    /// The longest name that an address has room for, however long the directory's path is.
    private static let longestName = 80

    /// - Parameter database: The database's absolute path, without links.
    package init(database: String) {
        let slash = database.lastIndex(of: "/") ?? database.startIndex
        directory = slash == database.startIndex ? "/" : String(database[..<slash])
        let base = String(database[slash...].drop { $0 == "/" })
        let name = base + "-socket"
        if name.utf8.count <= Self.longestName {
            self.name = name
        } else {
            var base = base
            let sum = base.withUTF8 { events_crc32c(0, $0.baseAddress, $0.count) }
            self.name = "swift-events-\(String(sum, radix: 16))-socket"
        }
    }

    /// The socket's path.
    package var path: String { directory == "/" ? "/" + name : directory + "/" + name }
}
