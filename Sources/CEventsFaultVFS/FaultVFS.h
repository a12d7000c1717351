//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// What the files of this target share.

#ifndef SWIFT_EVENTS_FAULTVFS_H
#define SWIFT_EVENTS_FAULTVFS_H

#include "CEventsFaultVFS.h"

#include <pthread.h>
#include <sqlite3.h>

#define CALL_KINDS 11
#define FILE_KINDS 4

/// Bytes that grow.
typedef struct {
    unsigned char *bytes;
    size_t size;
    size_t capacity;
} buffer;

typedef enum {
    OP_CREATE, // with what the file already held when it was first seen
    OP_WRITE,
    OP_TRUNCATE,
    OP_SYNC,
    OP_FAILED_SYNC,
    OP_DELETE,
} op_kind;

/// One entry of the record.
typedef struct {
    op_kind kind;
    size_t file;
    int64_t offset; // of a write; the size for a truncation
    size_t count;
    unsigned char *bytes;
} op;

/// A file that was seen. A name that is deleted and made again is a new file.
typedef struct {
    char *path;
    bool is_deleted;
} recorded_file;

/// A file at the replay's position.
typedef struct {
    bool exists;
    buffer disk; // what is synced
    buffer cache; // what the system shows
    size_t *unsynced; // numbers of operations, in order
    size_t unsynced_count;
    size_t unsynced_capacity;
} replayed_file;

struct fault_vfs {
    sqlite3_vfs vfs; // first, so that SQLite's pointer is one to this
    sqlite3_vfs *base;
    char *name;
    pthread_mutex_t mutex;

    op *ops;
    size_t op_count, op_capacity;
    recorded_file *files;
    size_t file_count, file_capacity;

    fault_vfs_fault fault;
    bool is_armed;
    // By the exact set of call kinds (a write is one kind, a write that grows another), then by file.
    uint64_t calls[CALL_KINDS][FILE_KINDS];
    uint64_t failures;
    void (*hook)(void *, uint32_t, uint32_t);
    void *hook_context;

    size_t replayed; // position
    replayed_file *replay;
    size_t replay_count;
};

/// An open file: SQLite's part, then ours, then the system's own file.
typedef struct {
    sqlite3_file base;
    fault_vfs *disk;
    sqlite3_file *real;
    uint32_t kind; // FAULT_DATABASE and so on
    bool is_recorded;
    size_t file;
} fault_file;

extern const sqlite3_io_methods fault_file_methods;

/// Counts a call and says whether it fails: SQLITE_OK or the code. `is_partial` may be NULL.
int fault_enter(fault_vfs *disk, uint32_t call, uint32_t file, bool *is_partial);

// These are called with the mutex held.
void fault_record(fault_vfs *disk, op_kind kind, size_t file, int64_t offset, const void *bytes, size_t count);
/// The number of a file that exists by this path, or SIZE_MAX.
size_t fault_find(fault_vfs *disk, const char *path);
size_t fault_add_file(fault_vfs *disk, const char *path);
void fault_forget_replay(fault_vfs *disk);

/// Makes room for `count` items of `size` bytes. Tests have no use for going on without memory, so it ends the process then.
void *fault_reserve(void *items, size_t *capacity, size_t count, size_t size);
/// A copy of a text, on the same terms.
char *fault_copy(const char *text);

#endif
