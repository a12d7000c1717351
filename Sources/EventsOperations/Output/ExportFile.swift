//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite
internal import EventsCommandLine
internal import EventsSQLite

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A new file that its user alone can read.
final class ExportFile {
    private let descriptor: Int32
    private let path: String

    init(_ path: String) throws {
        self.path = path
        var descriptor: Int32 = -1
        let error = SystemError(code: events_file_create(path, &descriptor))
        guard error.code == 0 else {
            throw OperationsError(.invalid, "could not create \(path): \(error.text)")
        }
        self.descriptor = descriptor
    }

    func write(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw OperationsError(.failed, "could not write \(path): \(SystemError(code: errno).text)")
            }
            rest = rest.dropFirst(count)
        }
    }

    func close() throws {
        guard fsync(descriptor) == 0 else {
            throw OperationsError(.failed, "could not write \(path): \(SystemError(code: errno).text)")
        }
    }

    deinit {
        events_file_close(descriptor)
    }
}

/// `write(2)`, by a name that the method above does not hide.
private func systemWrite(_ descriptor: Int32, _ address: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, address, count)
}
