//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CSQLite

extension Statement {
    /// Binds bytes of UTF-8 as text without copying them: they must stay where they are until the statement has run. Bytes that are
    /// absent are NULL.
    func bindTextInPlace(_ position: Int32, _ bytes: UnsafeRawBufferPointer?) {
        guard let bytes else { return bindNull(position) }
        guard let address = bytes.baseAddress, !bytes.isEmpty else { return bindText(position, bytes) }
        // No destructor is SQLite's sign for "it stays".
        sqlite3_bind_text64(
            handle, position, address.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
    }

    /// Forgets what is bound, so that it does not point to what is gone or keep it.
    func clearBindings() {
        sqlite3_clear_bindings(handle)
    }
}
