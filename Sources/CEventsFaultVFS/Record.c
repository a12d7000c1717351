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

void *fault_reserve(void *items, size_t *capacity, size_t count, size_t size) {
    if (count <= *capacity) return items;
    size_t wanted = *capacity * 2 > count ? *capacity * 2 : count;
    if (wanted < 16) wanted = 16;
    void *grown = realloc(items, wanted * size);
    if (grown == NULL) abort();
    *capacity = wanted;
    return grown;
}

char *fault_copy(const char *text) {
    char *result = strdup(text);
    if (result == NULL) abort();
    return result;
}

// -- The record --------------------------------------------------------------

void fault_record(fault_vfs *disk, op_kind kind, size_t file, int64_t offset, const void *bytes, size_t count) {
    op entry = {.kind = kind, .file = file, .offset = offset, .count = count};
    if (count > 0) {
        entry.bytes = malloc(count);
        if (entry.bytes == NULL) abort();
        memcpy(entry.bytes, bytes, count);
    }
    disk->ops = fault_reserve(disk->ops, &disk->op_capacity, disk->op_count + 1, sizeof *disk->ops);
    disk->ops[disk->op_count++] = entry;
}

size_t fault_find(fault_vfs *disk, const char *path) {
    for (size_t i = disk->file_count; i-- > 0;)
        if (!disk->files[i].is_deleted && strcmp(disk->files[i].path, path) == 0) return i;
    return SIZE_MAX;
}

size_t fault_add_file(fault_vfs *disk, const char *path) {
    disk->files = fault_reserve(disk->files, &disk->file_capacity, disk->file_count + 1, sizeof *disk->files);
    disk->files[disk->file_count] = (recorded_file){.path = fault_copy(path)};
    return disk->file_count++;
}

uint64_t fault_vfs_position(fault_vfs *disk) {
    pthread_mutex_lock(&disk->mutex);
    uint64_t position = disk->op_count;
    pthread_mutex_unlock(&disk->mutex);
    return position;
}

// -- Faults ------------------------------------------------------------------

static int fitting(int code, uint32_t call) {
    if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN) return code;
    if (call & FAULT_OPEN) return SQLITE_CANTOPEN;
    if (code == SQLITE_CANTOPEN) return code;
    if (call & FAULT_READ) return SQLITE_IOERR_READ;
    if (call & FAULT_WRITE) return SQLITE_IOERR_WRITE;
    if (call & FAULT_SYNC) return SQLITE_IOERR_FSYNC;
    if (call & FAULT_TRUNCATE) return SQLITE_IOERR_TRUNCATE;
    if (call & FAULT_SIZE) return SQLITE_IOERR_FSTAT;
    if (call & FAULT_LOCK) return SQLITE_IOERR_LOCK;
    if (call & FAULT_SHARED_MEMORY) return SQLITE_IOERR_SHMLOCK;
    if (call & FAULT_DELETE) return SQLITE_IOERR_DELETE;
    return SQLITE_IOERR_ACCESS;
}

static int lowest_bit(uint32_t set) {
    return __builtin_ctz(set);
}

int fault_enter(fault_vfs *disk, uint32_t call, uint32_t file, bool *is_partial) {
    if (is_partial != NULL) *is_partial = false;
    if (disk->hook != NULL) disk->hook(disk->hook_context, call, file);
    pthread_mutex_lock(&disk->mutex);
    // A write that grows its file counts in the place of FAULT_GROW, any other write in its own.
    uint32_t counted = call & FAULT_GROW ? FAULT_GROW : call;
    disk->calls[lowest_bit(counted)][lowest_bit(file)]++;
    int code = SQLITE_OK;
    if (disk->is_armed && (disk->fault.calls & call) != 0 && (disk->fault.files & file) != 0) {
        if (disk->fault.after > 0) {
            disk->fault.after--;
        } else {
            code = fitting(disk->fault.code, call);
            if (is_partial != NULL) *is_partial = disk->fault.is_partial;
            disk->is_armed = disk->fault.is_sticky;
            disk->failures++;
        }
    }
    pthread_mutex_unlock(&disk->mutex);
    return code;
}

void fault_vfs_fail(fault_vfs *disk, fault_vfs_fault fault) {
    pthread_mutex_lock(&disk->mutex);
    disk->fault = fault;
    disk->is_armed = true;
    pthread_mutex_unlock(&disk->mutex);
}

void fault_vfs_heal(fault_vfs *disk) {
    pthread_mutex_lock(&disk->mutex);
    disk->is_armed = false;
    pthread_mutex_unlock(&disk->mutex);
}

uint64_t fault_vfs_calls(fault_vfs *disk, uint32_t calls, uint32_t files) {
    uint64_t sum = 0;
    pthread_mutex_lock(&disk->mutex);
    for (int call = 0; call < CALL_KINDS; call++) {
        uint32_t kinds = 1u << call;
        if (kinds == FAULT_GROW) kinds |= FAULT_WRITE;
        for (int file = 0; file < FILE_KINDS; file++)
            if ((calls & kinds) != 0 && (files & (1u << file)) != 0) sum += disk->calls[call][file];
    }
    pthread_mutex_unlock(&disk->mutex);
    return sum;
}

uint64_t fault_vfs_failures(fault_vfs *disk) {
    pthread_mutex_lock(&disk->mutex);
    uint64_t failures = disk->failures;
    pthread_mutex_unlock(&disk->mutex);
    return failures;
}

void fault_vfs_set_hook(fault_vfs *disk, void (*hook)(void *, uint32_t, uint32_t), void *context) {
    disk->hook = hook;
    disk->hook_context = context;
}
