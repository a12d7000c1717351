//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Foundation

/// The order stream that comes with the example.
enum BundledStream {
    private static let fileName = "northwind-orders.jsonl"
    private static let bundleName = "swift-events_AllocationExample"

    /// Where it is.
    ///
    /// - Throws: ``InputError`` if the resources were left behind when the program was moved. `Bundle.module`, the usual way to
    ///   find a package's resources, would end the process then, so Linux looks beside the program instead.
    static func path() throws(InputError) -> String {
        #if os(Linux)
        let folder = Bundle.main.bundleURL.appendingPathComponent("\(bundleName).resources")
        let path = folder.appendingPathComponent(fileName).path
        #else
        let path = Bundle.module.url(forResource: fileName, withExtension: nil)?.path ?? fileName
        #endif
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw InputError(path: path, problem: "the example's own stream is missing; name another one with --input FILE")
        }
        return path
    }
}
