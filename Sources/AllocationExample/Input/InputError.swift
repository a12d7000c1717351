//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import EventsCommandLine
import Foundation

/// Why the order stream as a whole cannot be read; the message is one line that says what to do.
struct InputError: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(path: String, problem: String) {
        description = "cannot read the order stream \(path.quoted): \(problem)"
    }

    /// Puts what the file system said into words.
    init(path: String, error: any Error) {
        self.init(path: path, problem: Self.problem(Self.posixCode(of: error), error))
    }

    private static func problem(_ code: POSIXErrorCode?, _ error: any Error) -> String {
        switch code {
        case .ENOENT?, .ENOTDIR?: "there is no such file; check the path given to --input"
        case .EISDIR?: "it is a directory; give --input a file of JSON lines"
        case .EACCES?, .EPERM?: "permission denied; make the file readable for this user"
        case .some(let code): "system error \(code.rawValue) (\(code))"
        case nil: error.localizedDescription
        }
    }

    /// Foundation wraps the system's error, on some platforms and for some calls, in one of its own.
    private static func posixCode(of error: any Error) -> POSIXErrorCode? {
        if let error = error as? POSIXError { return error.code }
        let outer = error as NSError
        let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError
        for candidate in [inner, outer].compactMap(\.self) where candidate.domain == NSPOSIXErrorDomain {
            return Int32(exactly: candidate.code).flatMap(POSIXErrorCode.init(rawValue:))
        }
        return nil
    }
}
