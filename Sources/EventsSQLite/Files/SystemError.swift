//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

package import Events

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// What the operating system answered when it could not do something with a file.
package struct SystemError: Error, Sendable, Hashable {
    /// The value of `errno`.
    package let code: Int32

    package init(code: Int32) {
        self.code = code
    }

    /// Throws what a call of `CEventsSQLite` returned, unless that is 0.
    static func check(_ code: Int32) throws(SystemError) {
        guard code == 0 else { throw SystemError(code: code) }
    }

    var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    var isExisting: Bool { code == EEXIST }
    var isLockedElsewhere: Bool { code == EWOULDBLOCK || code == EAGAIN }
    var isSymbolicLink: Bool { code == ELOOP }
    var isFull: Bool { code == ENOSPC || code == EDQUOT }
    var isForbidden: Bool { code == EACCES || code == EPERM || code == EROFS }

    /// The system's own words.
    package var text: String { String(cString: strerror(code)) }

    /// The failure of a log that met this error: `action` says what was being done with `path`.
    package func failure(_ action: String, _ path: String) -> LogFailure {
        let reason: LogFailure.Reason = isFull ? .full : isForbidden || isSymbolicLink ? .invalid : .io
        let text = isSymbolicLink ? "it is a symbolic link, which is not followed" : text
        return LogFailure(reason, "could not \(action) \(path): \(text) (errno \(code))")
    }
}
