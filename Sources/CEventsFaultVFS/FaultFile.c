//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "FaultVFS.h"

// An open file. Writes, truncations and syncs are carried out and recorded under one lock, so that the record has their order.

static int close_file(sqlite3_file *opened) {
    sqlite3_file *real = ((fault_file *)opened)->real;
    return real->pMethods->xClose(real);
}

static int read_bytes(sqlite3_file *opened, void *bytes, int count, sqlite3_int64 offset) {
    fault_file *file = (fault_file *)opened;
    int code = fault_enter(file->disk, FAULT_READ, file->kind, NULL);
    return code != SQLITE_OK ? code : file->real->pMethods->xRead(file->real, bytes, count, offset);
}

static int write_recorded(fault_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    fault_vfs *disk = file->disk;
    pthread_mutex_lock(&disk->mutex);
    int code = file->real->pMethods->xWrite(file->real, bytes, count, offset);
    if (code == SQLITE_OK && file->is_recorded)
        fault_record(disk, OP_WRITE, file->file, offset, bytes, (size_t)count);
    pthread_mutex_unlock(&disk->mutex);
    return code;
}

static int write_bytes(sqlite3_file *opened, const void *bytes, int count, sqlite3_int64 offset) {
    fault_file *file = (fault_file *)opened;
    sqlite3_int64 size = 0;
    int code = file->real->pMethods->xFileSize(file->real, &size);
    if (code != SQLITE_OK) return code;
    uint32_t call = offset + count > size ? FAULT_WRITE | FAULT_GROW : FAULT_WRITE;
    bool is_partial;
    code = fault_enter(file->disk, call, file->kind, &is_partial);
    if (code == SQLITE_OK) return write_recorded(file, bytes, count, offset);
    if (is_partial && count > 1) write_recorded(file, bytes, count / 2, offset);
    return code;
}

static int truncate_file(sqlite3_file *opened, sqlite3_int64 size) {
    fault_file *file = (fault_file *)opened;
    fault_vfs *disk = file->disk;
    int code = fault_enter(disk, FAULT_TRUNCATE, file->kind, NULL);
    if (code != SQLITE_OK) return code;
    pthread_mutex_lock(&disk->mutex);
    code = file->real->pMethods->xTruncate(file->real, size);
    if (code == SQLITE_OK && file->is_recorded) fault_record(disk, OP_TRUNCATE, file->file, size, NULL, 0);
    pthread_mutex_unlock(&disk->mutex);
    return code;
}

// The real file is not synced: the record alone says what would survive, and tests of thousands of commits stay quick.
static int sync_file(sqlite3_file *opened, int flags) {
    (void)flags;
    fault_file *file = (fault_file *)opened;
    fault_vfs *disk = file->disk;
    int code = fault_enter(disk, FAULT_SYNC, file->kind, NULL);
    if (!file->is_recorded) return code;
    pthread_mutex_lock(&disk->mutex);
    fault_record(disk, code == SQLITE_OK ? OP_SYNC : OP_FAILED_SYNC, file->file, 0, NULL, 0);
    pthread_mutex_unlock(&disk->mutex);
    return code;
}

static int file_size(sqlite3_file *opened, sqlite3_int64 *size) {
    fault_file *file = (fault_file *)opened;
    int code = fault_enter(file->disk, FAULT_SIZE, file->kind, NULL);
    return code != SQLITE_OK ? code : file->real->pMethods->xFileSize(file->real, size);
}

static int lock(sqlite3_file *opened, int level) {
    fault_file *file = (fault_file *)opened;
    int code = fault_enter(file->disk, FAULT_LOCK, file->kind, NULL);
    return code != SQLITE_OK ? code : file->real->pMethods->xLock(file->real, level);
}

static int unlock(sqlite3_file *opened, int level) {
    sqlite3_file *real = ((fault_file *)opened)->real;
    return real->pMethods->xUnlock(real, level);
}

static int check_reserved_lock(sqlite3_file *opened, int *result) {
    sqlite3_file *real = ((fault_file *)opened)->real;
    return real->pMethods->xCheckReservedLock(real, result);
}

static int control(sqlite3_file *opened, int operation, void *argument) {
    sqlite3_file *real = ((fault_file *)opened)->real;
    // These would let the system's VFS write or cut the file without a word to the record.
    if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
    if (operation == SQLITE_FCNTL_MMAP_SIZE) return SQLITE_NOTFOUND;
    return real->pMethods->xFileControl(real, operation, argument);
}

static int sector_size(sqlite3_file *opened) {
    sqlite3_file *real = ((fault_file *)opened)->real;
    return real->pMethods->xSectorSize(real);
}

static int characteristics(sqlite3_file *opened) {
    sqlite3_file *real = ((fault_file *)opened)->real;
    // The simulated disk promises no more than this, whatever the real one can do.
    return real->pMethods->xDeviceCharacteristics(real) & (SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN);
}

static int map_memory(sqlite3_file *opened, int region, int size, int extend, void volatile **address) {
    fault_file *file = (fault_file *)opened;
    int code = fault_enter(file->disk, FAULT_SHARED_MEMORY, file->kind, NULL);
    if (code == SQLITE_IOERR_SHMLOCK) code = SQLITE_IOERR_SHMMAP;
    return code != SQLITE_OK ? code : file->real->pMethods->xShmMap(file->real, region, size, extend, address);
}

static int lock_memory(sqlite3_file *opened, int offset, int count, int flags) {
    fault_file *file = (fault_file *)opened;
    if (flags & SQLITE_SHM_LOCK) {
        int code = fault_enter(file->disk, FAULT_SHARED_MEMORY, file->kind, NULL);
        if (code != SQLITE_OK) return code;
    }
    return file->real->pMethods->xShmLock(file->real, offset, count, flags);
}

static void memory_barrier(sqlite3_file *opened) {
    sqlite3_file *real = ((fault_file *)opened)->real;
    real->pMethods->xShmBarrier(real);
}

static int unmap_memory(sqlite3_file *opened, int delete) {
    sqlite3_file *real = ((fault_file *)opened)->real;
    return real->pMethods->xShmUnmap(real, delete);
}

// Version 2: the memory-mapped reads of version 3 would go past the record.
const sqlite3_io_methods fault_file_methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_bytes,
    .xWrite = write_bytes,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_memory,
    .xShmLock = lock_memory,
    .xShmBarrier = memory_barrier,
    .xShmUnmap = unmap_memory,
};
