//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// glibc hides AT_EACCESS and others without it.
#define _GNU_SOURCE

#include "CEventsSQLite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/vfs.h>
#else
#include <sys/mount.h>
#include <sys/param.h>
#endif

static void describe(const struct stat *from, events_file_status *status) {
    status->kind = S_ISREG(from->st_mode)   ? EVENTS_FILE_REGULAR
                   : S_ISDIR(from->st_mode) ? EVENTS_FILE_DIRECTORY
                   : S_ISLNK(from->st_mode) ? EVENTS_FILE_LINK
                                            : EVENTS_FILE_OTHER;
    status->device = (uint64_t)from->st_dev;
    status->inode = (uint64_t)from->st_ino;
    status->links = (uint64_t)from->st_nlink;
    status->size = (int64_t)from->st_size;
    status->permissions = (uint32_t)from->st_mode & 07777;
    status->owner = (uint32_t)from->st_uid;
}

int events_file_look(const char *path, events_file_status *status) {
    struct stat found;
    if (lstat(path, &found) != 0) return errno;
    describe(&found, status);
    return 0;
}

int events_file_look_open(int descriptor, events_file_status *status) {
    struct stat found;
    if (fstat(descriptor, &found) != 0) return errno;
    describe(&found, status);
    return 0;
}

int events_file_may_write(const char *path, bool is_directory) {
    return faccessat(AT_FDCWD, path, is_directory ? W_OK | X_OK : R_OK | W_OK, AT_EACCESS) == 0 ? 0 : errno;
}

static int open_restarting(const char *path, int flags, int *descriptor) {
    do {
        *descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    } while (*descriptor < 0 && errno == EINTR);
    return *descriptor < 0 ? errno : 0;
}

int events_file_create(const char *path, int *descriptor) {
    int error = open_restarting(path, O_RDWR | O_CREAT | O_EXCL, descriptor);
    if (error != 0) return error;
    // The umask may have taken bits away that SQLite then gives to no side file either.
    if (fchmod(*descriptor, 0600) != 0) {
        error = errno;
        close(*descriptor);
        unlink(path);
    }
    return error;
}

int events_file_open(const char *path, bool is_writable, int *descriptor) {
    return open_restarting(path, is_writable ? O_RDWR : O_RDONLY, descriptor);
}

int events_file_remove(const char *path) {
    return unlink(path) == 0 ? 0 : errno;
}

int events_file_lock(int descriptor) {
    int result;
    do {
        result = flock(descriptor, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

int events_file_is_locked(int descriptor, bool *is_locked) {
    int result;
    do {
        result = flock(descriptor, LOCK_SH | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    *is_locked = result != 0 && errno == EWOULDBLOCK;
    if (result != 0) return *is_locked ? 0 : errno;
    flock(descriptor, LOCK_UN);
    return 0;
}

int events_file_replace(int descriptor, const void *bytes, size_t count) {
    if (ftruncate(descriptor, 0) != 0) return errno;
    size_t done = 0;
    while (done < count) {
        ssize_t written = pwrite(descriptor, (const char *)bytes + done, count - done, (off_t)done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        done += (size_t)written;
    }
    return 0;
}

int events_file_read(int descriptor, void *bytes, size_t capacity, size_t *count) {
    *count = 0;
    while (*count < capacity) {
        ssize_t got = pread(descriptor, (char *)bytes + *count, capacity - *count, (off_t)*count);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        if (got == 0) break;
        *count += (size_t)got;
    }
    return 0;
}

void events_file_close(int descriptor) {
    close(descriptor);
}

int events_directory_sync(const char *path) {
    int descriptor;
    int error = open_restarting(path, O_RDONLY | O_DIRECTORY, &descriptor);
    if (error != 0) return error;
    // Some file systems cannot sync a directory and need not.
    if (fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP) error = errno;
    close(descriptor);
    return error;
}

int events_filesystem(const char *path, uint64_t *type, bool *is_local, char *name, size_t capacity) {
    struct statfs found;
    int result;
    do {
        result = statfs(path, &found);
    } while (result != 0 && errno == EINTR);
    if (result != 0) return errno;
#if defined(__linux__)
    // The field is signed on some platforms, where the numbers with a high first bit would come out negative.
    *type = (uint32_t)found.f_type;
    *is_local = true;
    if (capacity > 0) name[0] = 0;
#else
    *type = 0;
    *is_local = (found.f_flags & MNT_LOCAL) != 0;
    snprintf(name, capacity, "%s", found.f_fstypename);
#endif
    return 0;
}

int events_file_map(int descriptor, size_t size, void **address) {
    if (ftruncate(descriptor, (off_t)size) != 0) return errno;
#if defined(__linux__)
    int error = posix_fallocate(descriptor, 0, (off_t)size);
    // musl says so where the file system cannot; the zeros written below then reserve what they need.
    if (error != 0 && error != EOPNOTSUPP && error != EINVAL) return error;
#endif
    static const char zeros[4096];
    for (size_t done = 0; done < size;) {
        size_t piece = size - done < sizeof zeros ? size - done : sizeof zeros;
        ssize_t written = pwrite(descriptor, zeros, piece, (off_t)done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        done += (size_t)written;
    }
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED) return errno;
    *address = mapped;
    return 0;
}

void events_file_unmap(void *address, size_t size) {
    munmap(address, size);
}
