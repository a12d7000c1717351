//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// What Swift cannot call by itself, or only differently on each platform: functions of SQLite with variable arguments, file
// calls, the checksum, and stores to memory that other processes see.

#ifndef SWIFT_EVENTS_CEVENTSSQLITE_H
#define SWIFT_EVENTS_CEVENTSSQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Sets one of the switches of sqlite3_db_config. Returns SQLite's result code.
int events_sqlite_set_option(sqlite3 *connection, int option, int value);

/// Gives the calling thread a name of at most 15 bytes, for whoever looks at the process's threads.
void events_name_this_thread(const char *name);

// -- Checksums ---------------------------------------------------------------

/// CRC-32C (Castagnoli) of bytes. Start with 0; give the result of one call to the next to go on.
uint32_t events_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same without the processor's help, which the tests compare.
uint32_t events_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

// -- Files -------------------------------------------------------------------
// All of these return 0, or the value of errno. None follows a symbolic link in the last component of a path.

typedef enum {
    EVENTS_FILE_REGULAR,
    EVENTS_FILE_DIRECTORY,
    EVENTS_FILE_LINK,
    EVENTS_FILE_OTHER,
} events_file_kind;

/// What stat tells about a file.
typedef struct {
    events_file_kind kind;
    uint64_t device;
    uint64_t inode;
    uint64_t links;
    int64_t size;
    uint32_t permissions; // the lower twelve bits of the mode
    uint32_t owner;
} events_file_status;

/// Looks at a file without opening it.
int events_file_look(const char *path, events_file_status *status);

/// The same for an open file.
int events_file_look_open(int descriptor, events_file_status *status);

/// Whether the effective user may write the file or directory (and search it).
int events_file_may_write(const char *path, bool is_directory);

/// Creates a file with mode 0600, whatever the umask. EEXIST when there is one.
int events_file_create(const char *path, int *descriptor);

/// Opens a file to read and write it; the descriptor does not survive exec. It never blocks, whatever the file is.
int events_file_open(const char *path, bool is_writable, int *descriptor);

/// Removes a name.
int events_file_remove(const char *path);

/// Takes an exclusive flock without waiting. EWOULDBLOCK when somebody else holds one.
int events_file_lock(int descriptor);

/// Replaces what an open file holds.
int events_file_replace(int descriptor, const void *bytes, size_t count);

/// Reads from the start of an open file as much as fits.
int events_file_read(int descriptor, void *bytes, size_t capacity, size_t *count);

/// Closes a descriptor.
void events_file_close(int descriptor);

/// Makes the names in a directory survive a power loss.
int events_directory_sync(const char *path);

/// What file system a path is on: on Linux its magic number, elsewhere only whether it is local. `name` takes the system's
/// word for it, where there is one.
int events_filesystem(const char *path, uint64_t *type, bool *is_local, char *name, size_t capacity);

/// Maps an open file of exactly `size` bytes, all zero and all allocated: a store can then not meet a full disk.
int events_file_map(int descriptor, size_t size, void **address);

/// Undoes events_file_map.
void events_file_unmap(void *address, size_t size);

// -- The flight recorder's slots ---------------------------------------------
// A slot is four numbers: epoch, subscription, offset, and one that is reserved. An offset of 0 says that nothing runs. Whoever
// reads it after this process was killed at any instruction finds a whole note or none.

/// Notes what is about to run.
static inline void events_flight_start(int64_t *slot, int64_t epoch, int64_t subscription, int64_t offset) {
    __atomic_store_n(&slot[2], 0, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&slot[0], epoch, __ATOMIC_RELAXED);
    __atomic_store_n(&slot[1], subscription, __ATOMIC_RELAXED);
    __atomic_store_n(&slot[2], offset, __ATOMIC_RELEASE);
}

/// Notes that it has ended.
static inline void events_flight_end(int64_t *slot) {
    __atomic_store_n(&slot[2], 0, __ATOMIC_RELEASE);
}

/// Whether somebody holds the lock of an open file. Whoever asks for it at that very moment may be told that it is taken.
int events_file_is_locked(int descriptor, bool *is_locked);

// -- Sockets -----------------------------------------------------------------
// All are of the Unix domain, do not block, and are closed when another program is started. Each function returns an
// error number, or 0.

/// Listens at a name in a directory, for this user alone. A socket that is there already is replaced; the caller knows
/// that nobody listens at it. `EEXIST` when what is there is no socket.
int events_socket_listen(const char *directory, const char *name, int *descriptor);

/// Connects to who listens at a name in a directory.
int events_socket_connect(const char *directory, const char *name, int *descriptor);

/// Takes the next connection; `EAGAIN` when there is none.
int events_socket_accept(int listener, int *descriptor);

/// The user at the other end.
int events_socket_peer(int descriptor, uint32_t *user);

/// Two sockets that are connected to each other.
int events_socket_pair(int descriptors[2]);

/// Receives what there is, at most `capacity` bytes. None and no error is the end.
int events_socket_receive(int descriptor, void *bytes, size_t capacity, size_t *count);

/// Sends as much as there is room for.
int events_socket_send(int descriptor, const void *bytes, size_t length, size_t *count);

#endif
