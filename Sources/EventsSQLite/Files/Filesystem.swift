//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import CEventsSQLite

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The kind of file system that a path is on, and whether a log can keep its promises there.
struct Filesystem: Sendable, Hashable {
    enum Verdict: Sendable {
        case suitable
        /// Usable, with a reason to think twice.
        case doubtful
        /// Other machines write to it too, and its locks and syncs do not mean what they mean on a disk.
        case unsuitable
    }

    /// What people call it, such as `NFS`.
    let name: String
    let verdict: Verdict

    static let local = Filesystem(name: "local", verdict: .suitable)

    /// Finds out what a directory is on.
    static func holding(_ directory: String) throws(SystemError) -> Filesystem {
        var type: UInt64 = 0
        var isLocal = true
        var name = [CChar](repeating: 0, count: 64)
        try SystemError.check(events_filesystem(directory, &type, &isLocal, &name, name.count))
        guard isLocal else {
            let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return Filesystem(name: String(decoding: bytes, as: UTF8.self), verdict: .unsuitable)
        }
        guard type == fuse else { return Filesystem(magic: type) }
        return Filesystem(fuseMountedOver: directory, mounts: mountTable())
    }

    /// Linux's table of what is mounted where; empty when there is none.
    static func mountTable() -> String {
        String(decoding: FileManager.default.contents(atPath: "/proc/self/mountinfo") ?? Data(), as: UTF8.self)
    }

    /// The file system with a number of Linux, `f_type` of `statfs`.
    init(magic: UInt64) {
        if let network = Self.networks[magic] {
            self.init(name: network, verdict: .unsuitable)
        } else if magic == Self.fuse {
            self.init(name: "FUSE", verdict: .doubtful)
        } else if let memory = Self.memories[magic] {
            self.init(name: memory, verdict: .doubtful)
        } else {
            self = .local
        }
    }

    /// A file system that runs as a program, told apart by the kernel's table of mounts.
    init(fuseMountedOver directory: String, mounts: String) {
        var longest = (mount: "", type: "FUSE")
        for line in mounts.split(separator: "\n") {
            // "36 35 98:0 /root /mount/point options … - type source options"
            let halves = line.split(separator: " - ", maxSplits: 1)
            let fields = halves.first?.split(separator: " ") ?? []
            guard halves.count == 2, fields.count > 4, let type = halves[1].split(separator: " ").first else { continue }
            let mount = String(fields[4]).replacing("\\040", with: " ")
            let isAbove = mount == "/" || directory == mount || directory.hasPrefix(mount + "/")
            // A later mount on the same place hides the earlier one.
            if isAbove && mount.utf8.count >= longest.mount.utf8.count { longest = (mount, String(type)) }
        }
        let program = longest.type.split(separator: ".", maxSplits: 1).last.map { $0.lowercased() } ?? ""
        let isNetwork = Self.fusePrograms.contains { program.hasPrefix($0) }
        self.init(name: longest.type, verdict: isNetwork ? .unsuitable : .doubtful)
    }

    private init(name: String, verdict: Verdict) {
        self.name = name
        self.verdict = verdict
    }

    private static let fuse: UInt64 = 0x6573_5546

    private static let networks: [UInt64: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFE53_4D42: "SMB2", 0xFF53_4D42: "CIFS", 0x5346_414F: "AFS", 0x6B41_4653: "AFS",
        0x7375_7245: "Coda", 0x0102_1997: "9P", 0x00C3_6400: "Ceph", 0x0BD0_0BD0: "Lustre", 0x0116_1970: "GFS2",
        0x7461_636F: "OCFS2", 0x4750_4653: "GPFS", 0x1983_0326: "BeeGFS", 0x564C: "NCP", 0xBACB_ACBC: "VMware shared folders",
        0x786F_4256: "VirtualBox shared folders",
    ]

    private static let memories: [UInt64: String] = [0x0102_1994: "tmpfs", 0x8584_58F6: "ramfs"]

    /// Programs that reach over the network, by how the names of their file systems begin, after `fuse.`.
    private static let fusePrograms = [
        "sshfs", "glusterfs", "ceph", "s3", "rclone", "gcsfuse", "goofys", "mountpoint-s3", "juicefs", "moosefs", "mfs", "davfs",
        "curlftpfs", "smbnetfs", "afpfs", "hdfs", "seaweedfs", "beegfs", "lustre", "nfs",
    ]
}

extension Filesystem: CustomStringConvertible {
    var description: String { name }
}
