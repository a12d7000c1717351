//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// How the command ends.
package enum ExitCode: Int32, Sendable, CaseIterable {
    case done = 0
    case error = 1
    case usage = 2
    case nothingMatched = 3
    case partlyDone = 4
    case refused = 5
    case thresholdBreached = 6

    var meaning: String {
        switch self {
        case .done: "done"
        case .error: "error, or 'verify' found something wrong"
        case .usage: "wrong usage"
        case .nothingMatched: "nothing matched"
        case .partlyDone: "partly done"
        case .refused: "refused: not possible now, or not for this owner of the log"
        case .thresholdBreached: "'dlq check' found more, or older, dead letters than allowed"
        }
    }

    init(_ error: OperationsError) {
        switch error.code {
        case .notFound: self = .nothingMatched
        case .refused: self = .refused
        default: self = .error
        }
    }
}
