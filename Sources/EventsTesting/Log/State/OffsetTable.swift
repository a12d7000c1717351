//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// Values by a rising number, such as an offset. Most come in order, so a sorted array beats a tree and is walked at full speed.
struct OffsetTable<Value: Sendable>: Sendable {
    private(set) var keys: [Int64] = []
    private(set) var values: [Value] = []

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    subscript(key: Int64) -> Value? {
        get {
            let position = firstPosition(from: key)
            return position < keys.count && keys[position] == key ? values[position] : nil
        }
        set {
            let position = firstPosition(from: key)
            let isThere = position < keys.count && keys[position] == key
            switch (newValue, isThere) {
            case (let value?, true): values[position] = value
            case (let value?, false):
                keys.insert(key, at: position)
                values.insert(value, at: position)
            case (nil, true):
                keys.remove(at: position)
                values.remove(at: position)
            case (nil, false): break
            }
        }
    }

    /// The position of the first key that is `key` or greater; `count` if there is none.
    func firstPosition(from key: Int64) -> Int {
        if let last = keys.last, last < key { return keys.count }
        var low = 0
        var high = keys.count
        while low < high {
            let middle = low + (high - low) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Removes everything from `key` on and returns it, in order.
    mutating func removeAll(from key: Int64) -> [Value] {
        let position = firstPosition(from: key)
        let removed = Array(values[position...])
        keys.removeSubrange(position...)
        values.removeSubrange(position...)
        return removed
    }

    /// Removes the keys that are in a set.
    mutating func removeAll(in set: Set<Int64>) {
        guard !set.isEmpty else { return }
        var kept = OffsetTable()
        for position in keys.indices where !set.contains(keys[position]) {
            kept.keys.append(keys[position])
            kept.values.append(values[position])
        }
        self = kept
    }
}
