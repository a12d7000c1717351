//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// A disk for tests: it fails when told to, and it can lose power at any moment.
//
// It stands between SQLite and the system's own VFS. The files are real ones, locks and shared memory are the system's, so
// several connections can use it, and reads see all writes, as they do on a real system until the power fails. Beside that, every
// write, truncation, sync, creation and deletion is recorded. From the record it can make the files as they could be found after
// a power loss at any position in it: what was synced is there, and of the rest any part.
//
// What it assumes of a disk is what SQLite assumes: 512 bytes at a multiple of 512 are written wholly or not at all, and a write
// does not disturb the bytes beside it. A sync that failed is taken at its worst: what it was to save is lost at the power loss,
// even if a later sync succeeds, because the kernel believes it to be written. Names of files are durable at once.
//
// Several such disks can exist at a time, each with a name of its own. All functions may be called from any thread.

#ifndef SWIFT_EVENTS_CEVENTSFAULTVFS_H
#define SWIFT_EVENTS_CEVENTSFAULTVFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fault_vfs fault_vfs;

/// Registers a disk with SQLite under a name. NULL when there is no memory or the name is taken.
fault_vfs *fault_vfs_register(const char *name);

/// Takes it away again. No connection may be open on it.
void fault_vfs_unregister(fault_vfs *disk);

/// What SQLite asks a disk to do; to be combined.
enum {
    FAULT_OPEN = 1 << 0,
    FAULT_READ = 1 << 1,
    FAULT_WRITE = 1 << 2,
    FAULT_GROW = 1 << 3, // a write that makes its file longer; it counts as FAULT_WRITE too
    FAULT_SYNC = 1 << 4,
    FAULT_TRUNCATE = 1 << 5,
    FAULT_SIZE = 1 << 6,
    FAULT_LOCK = 1 << 7,
    FAULT_SHARED_MEMORY = 1 << 8,
    FAULT_DELETE = 1 << 9,
    FAULT_ACCESS = 1 << 10,
    FAULT_ANY_CALL = (1 << 11) - 1,
};

/// What a file is to SQLite; to be combined.
enum {
    FAULT_DATABASE = 1 << 0,
    FAULT_WAL = 1 << 1,
    FAULT_JOURNAL = 1 << 2,
    FAULT_OTHER_FILE = 1 << 3,
    FAULT_ANY_FILE = (1 << 4) - 1,
};

/// What fails.
typedef struct {
    uint32_t calls; // such as FAULT_WRITE | FAULT_SYNC
    uint32_t files; // such as FAULT_WAL
    uint64_t after; // how many of these calls succeed first, from now on
    int code; // what the call returns; SQLITE_IOERR and SQLITE_CANTOPEN become the extended code that fits the call
    bool is_sticky; // every later one fails too, until fault_vfs_heal
    bool is_partial; // a write that fails has written its first half all the same
} fault_vfs_fault;

/// Sets what fails; it replaces what was set before.
void fault_vfs_fail(fault_vfs *disk, fault_vfs_fault fault);

/// From now on nothing fails.
void fault_vfs_heal(fault_vfs *disk);

/// How many calls there were of these kinds, on these files; a call that is of two kinds counts once.
uint64_t fault_vfs_calls(fault_vfs *disk, uint32_t calls, uint32_t files);

/// How many calls failed because they were told to.
uint64_t fault_vfs_failures(fault_vfs *disk);

/// Is called before each call is carried out, on the thread that makes it, without locks: it may block. NULL ends that. To be set
/// while no other thread uses the disk.
void fault_vfs_set_hook(fault_vfs *disk, void (*hook)(void *context, uint32_t call, uint32_t file), void *context);

/// How long the record is. A power loss at a position comes before the operation with that number, counted from 0.
uint64_t fault_vfs_position(fault_vfs *disk);

/// What a power loss leaves of what was not synced.
typedef enum {
    FAULT_KEEP_NOTHING,
    FAULT_KEEP_EVERYTHING, // what the end of the process alone leaves
    FAULT_KEEP_PREFIX, // the disk worked in order and stopped somewhere
    FAULT_KEEP_SOME, // whole files, writes or sectors, in no order
} fault_vfs_survival;

/// How many writes and truncations are not synced at a position. With 0 the ways to survive are all one.
uint64_t fault_vfs_unsynced(fault_vfs *disk, uint64_t position);

/// Makes the files as they are found after a power loss, by their own names in a directory that exists, and removes what SQLite
/// has left there of them before. Going through the positions in rising order is cheap. `seed` decides what is left to chance.
/// Returns 0 or the value of errno.
int fault_vfs_crash(
    fault_vfs *disk, uint64_t position, fault_vfs_survival survival, uint64_t seed, const char *directory);

#endif
