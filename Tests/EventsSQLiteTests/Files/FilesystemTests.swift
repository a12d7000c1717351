//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

import Testing

@testable import EventsSQLite

@Suite("The file system below a log")
struct FilesystemTests {
    @Test(
        "network file systems are unsuitable",
        arguments: [
            0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42, 0x5346_414F, 0x6B41_4653, 0x7375_7245, 0x0102_1997, 0x00C3_6400,
            0x0BD0_0BD0,
            0x0116_1970, 0x7461_636F,
        ] as [UInt64])
    func networks(magic: UInt64) {
        #expect(Filesystem(magic: magic).verdict == .unsuitable)
    }

    @Test(
        "disks are suitable: ext4, XFS, Btrfs, ZFS, overlay",
        arguments: [0xEF53, 0x5846_5342, 0x9123_683E, 0x2FC1_2FC1, 0x794C_7630])
    func disks(magic: UInt64) {
        #expect(Filesystem(magic: magic) == .local)
    }

    @Test("memory and unknown programs are doubtful", arguments: [0x0102_1994, 0x8584_58F6, 0x6573_5546])
    func doubtful(magic: UInt64) {
        #expect(Filesystem(magic: magic).verdict == .doubtful)
    }

    @Test("programs that reach over the network are told from those that do not")
    func programs() {
        let mounts = """
            24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
            40 24 0:40 / /mnt/far rw shared:2 - fuse.sshfs somebody@somewhere: rw
            41 24 0:41 / /mnt/far/near rw - fuse.bindfs /home rw
            42 24 0:42 / /mnt/my\\040brick rw - fuse.glusterfs host:/brick rw
            a line that is none
            43 24 8:17 / /mnt/stick rw - fuseblk /dev/sdb1 rw
            """
        func verdict(_ directory: String) -> Filesystem.Verdict {
            Filesystem(fuseMountedOver: directory, mounts: mounts).verdict
        }
        #expect(verdict("/mnt/far/deep") == .unsuitable)
        #expect(verdict("/mnt/far/near/by") == .doubtful)
        #expect(verdict("/mnt/my brick") == .unsuitable)
        #expect(verdict("/mnt/stick") == .doubtful)
        #expect(Filesystem(fuseMountedOver: "/mnt/far", mounts: "").verdict == .doubtful)
    }

    @Test("a directory that exists has a file system, and one that does not has an error")
    func real() throws {
        let sandbox = try FileSandbox()
        #expect(try Filesystem.holding(sandbox.path).verdict != .unsuitable)
        #expect(throws: SystemError.self) { try Filesystem.holding(sandbox("missing")) }
    }

    #if os(Linux)
    @Test("the kernel's table of mounts can be read")
    func mountTable() {
        #expect(Filesystem.mountTable().contains(" / "))
    }
    #endif
}
