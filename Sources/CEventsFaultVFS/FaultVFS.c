//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "FaultVFS.h"

#include <stdlib.h>
#include <string.h>

// -- The file system ---------------------------------------------------------

static uint32_t kind_of(int flags) {
    if (flags & SQLITE_OPEN_MAIN_DB) return FAULT_DATABASE;
    if (flags & SQLITE_OPEN_WAL) return FAULT_WAL;
    if (flags & SQLITE_OPEN_MAIN_JOURNAL) return FAULT_JOURNAL;
    return FAULT_OTHER_FILE;
}

static uint32_t kind_named(const char *path) {
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, "-wal") == 0) return FAULT_WAL;
    if (length > 8 && strcmp(path + length - 8, "-journal") == 0) return FAULT_JOURNAL;
    return FAULT_DATABASE;
}

// Takes a file into the record when it is first seen, with what it holds.
static int meet(fault_file *file, const char *path) {
    fault_vfs *disk = file->disk;
    file->file = fault_find(disk, path);
    if (file->file != SIZE_MAX) return SQLITE_OK;
    sqlite3_int64 size = 0;
    int code = file->real->pMethods->xFileSize(file->real, &size);
    if (code != SQLITE_OK) return code;
    void *bytes = malloc((size_t)size + 1);
    if (bytes == NULL) abort();
    if (size > 0) code = file->real->pMethods->xRead(file->real, bytes, (int)size, 0);
    if (code == SQLITE_OK) {
        file->file = fault_add_file(disk, path);
        fault_record(disk, OP_CREATE, file->file, 0, bytes, (size_t)size);
    }
    free(bytes);
    return code;
}

static int open_file(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *opened, int flags, int *out_flags) {
    fault_vfs *disk = (fault_vfs *)vfs;
    fault_file *file = (fault_file *)opened;
    memset(file, 0, sizeof *file);
    file->disk = disk;
    file->real = (sqlite3_file *)(file + 1);
    file->kind = kind_of(flags);
    int code = fault_enter(disk, FAULT_OPEN, file->kind, NULL);
    if (code != SQLITE_OK) return code;

    pthread_mutex_lock(&disk->mutex);
    code = disk->base->xOpen(disk->base, path, file->real, flags, out_flags);
    if (code == SQLITE_OK && path != NULL && !(flags & SQLITE_OPEN_DELETEONCLOSE)) {
        file->is_recorded = true;
        code = meet(file, path);
    }
    pthread_mutex_unlock(&disk->mutex);
    if (code != SQLITE_OK && file->real->pMethods != NULL) file->real->pMethods->xClose(file->real);
    // SQLite closes the file later only if it has methods.
    if (code == SQLITE_OK) file->base.pMethods = &fault_file_methods;
    return code;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int sync_directory) {
    fault_vfs *disk = (fault_vfs *)vfs;
    int code = fault_enter(disk, FAULT_DELETE, kind_named(path), NULL);
    if (code != SQLITE_OK) return code;
    pthread_mutex_lock(&disk->mutex);
    code = disk->base->xDelete(disk->base, path, sync_directory);
    size_t file = fault_find(disk, path);
    if (code == SQLITE_OK && file != SIZE_MAX) {
        disk->files[file].is_deleted = true;
        fault_record(disk, OP_DELETE, file, 0, NULL, 0);
    }
    pthread_mutex_unlock(&disk->mutex);
    return code;
}

static int access_file(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    fault_vfs *disk = (fault_vfs *)vfs;
    int code = fault_enter(disk, FAULT_ACCESS, kind_named(path), NULL);
    return code != SQLITE_OK ? code : disk->base->xAccess(disk->base, path, flags, result);
}

static int full_path(sqlite3_vfs *vfs, const char *path, int capacity, char *result) {
    sqlite3_vfs *base = ((fault_vfs *)vfs)->base;
    return base->xFullPathname(base, path, capacity, result);
}

static int randomness(sqlite3_vfs *vfs, int count, char *bytes) {
    sqlite3_vfs *base = ((fault_vfs *)vfs)->base;
    return base->xRandomness(base, count, bytes);
}

// SQLite pauses between its tries to get a lock, for ten seconds in all. Here they follow each other at once.
static int pause_for(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

static int current_time(sqlite3_vfs *vfs, double *days) {
    sqlite3_vfs *base = ((fault_vfs *)vfs)->base;
    return base->xCurrentTime(base, days);
}

static int current_milliseconds(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
    sqlite3_vfs *base = ((fault_vfs *)vfs)->base;
    return base->xCurrentTimeInt64(base, milliseconds);
}

static int last_error(sqlite3_vfs *vfs, int capacity, char *text) {
    sqlite3_vfs *base = ((fault_vfs *)vfs)->base;
    return base->xGetLastError(base, capacity, text);
}

fault_vfs *fault_vfs_register(const char *name) {
    sqlite3_vfs *base = sqlite3_vfs_find(NULL);
    if (base == NULL || base->iVersion < 2 || sqlite3_vfs_find(name) != NULL) return NULL;
    fault_vfs *disk = calloc(1, sizeof *disk);
    if (disk == NULL) return NULL;
    disk->base = base;
    disk->name = fault_copy(name);
    pthread_mutex_init(&disk->mutex, NULL);
    disk->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(fault_file) + base->szOsFile,
        .mxPathname = base->mxPathname,
        .zName = disk->name,
        .xOpen = open_file,
        .xDelete = delete_file,
        .xAccess = access_file,
        .xFullPathname = full_path,
        .xRandomness = randomness,
        .xSleep = pause_for,
        .xCurrentTime = current_time,
        .xGetLastError = last_error,
        .xCurrentTimeInt64 = current_milliseconds,
    };
    if (sqlite3_vfs_register(&disk->vfs, 0) == SQLITE_OK) return disk;
    fault_vfs_unregister(disk);
    return NULL;
}

void fault_vfs_unregister(fault_vfs *disk) {
    sqlite3_vfs_unregister(&disk->vfs);
    fault_forget_replay(disk);
    for (size_t i = 0; i < disk->op_count; i++) free(disk->ops[i].bytes);
    for (size_t i = 0; i < disk->file_count; i++) free(disk->files[i].path);
    free(disk->ops);
    free(disk->files);
    free(disk->name);
    pthread_mutex_destroy(&disk->mutex);
    free(disk);
}
