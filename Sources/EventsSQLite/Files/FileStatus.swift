//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite

/// What the system says about a file, without the file being opened.
///
/// A database in use must not be opened by anything but SQLite: closing any descriptor of it would drop the locks that SQLite holds
/// for this process.
package struct FileStatus: Sendable {
    package enum Kind: Sendable {
        case regular, directory, symbolicLink, other
    }

    /// Which file it is, whatever it is called.
    package struct Identity: Sendable, Hashable {
        package let device: UInt64
        package let inode: UInt64
    }

    package let kind: Kind
    package let identity: Identity
    /// How many names it has.
    package let links: UInt64
    /// Bytes.
    package let size: Int64
    /// The lower twelve bits of its mode.
    package let permissions: UInt32

    /// Looks at what a path names, a symbolic link included. `nil` when there is nothing.
    package init?(at path: String) throws(SystemError) {
        var status = events_file_status()
        let error = SystemError(code: events_file_look(path, &status))
        if error.isMissing { return nil }
        guard error.code == 0 else { throw error }
        self.init(status)
    }

    /// Looks at an open file.
    package init(ofDescriptor descriptor: Int32) throws(SystemError) {
        var status = events_file_status()
        try SystemError.check(events_file_look_open(descriptor, &status))
        self.init(status)
    }

    private init(_ status: events_file_status) {
        kind =
            switch status.kind {
            case EVENTS_FILE_REGULAR: .regular
            case EVENTS_FILE_DIRECTORY: .directory
            case EVENTS_FILE_LINK: .symbolicLink
            default: .other
            }
        identity = Identity(device: status.device, inode: status.inode)
        links = status.links
        size = status.size
        permissions = status.permissions
    }
}
