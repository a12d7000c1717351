//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "FaultVFS.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512

// -- Bytes -------------------------------------------------------------------

static void resize(buffer *buffer, size_t size) {
    buffer->bytes = fault_reserve(buffer->bytes, &buffer->capacity, size, 1);
    if (size > buffer->size) memset(buffer->bytes + buffer->size, 0, size - buffer->size);
    buffer->size = size;
}

static void write_to(buffer *buffer, size_t offset, const unsigned char *bytes, size_t count) {
    if (count == 0) return;
    if (offset + count > buffer->size) resize(buffer, offset + count);
    memcpy(buffer->bytes + offset, bytes, count);
}

static void apply(buffer *buffer, const op *op) {
    if (op->kind == OP_TRUNCATE) resize(buffer, (size_t)op->offset);
    else write_to(buffer, (size_t)op->offset, op->bytes, op->count);
}

// -- The replay of the record ------------------------------------------------

void fault_forget_replay(fault_vfs *disk) {
    for (size_t i = 0; i < disk->replay_count; i++) {
        free(disk->replay[i].disk.bytes);
        free(disk->replay[i].cache.bytes);
        free(disk->replay[i].unsynced);
    }
    free(disk->replay);
    disk->replay = NULL;
    disk->replay_count = 0;
    disk->replayed = 0;
}

static void step(fault_vfs *disk, size_t number) {
    const op *op = &disk->ops[number];
    replayed_file *file = &disk->replay[op->file];
    switch (op->kind) {
    case OP_CREATE:
        file->exists = true;
        write_to(&file->disk, 0, op->bytes, op->count);
        write_to(&file->cache, 0, op->bytes, op->count);
        break;
    case OP_WRITE:
    case OP_TRUNCATE:
        apply(&file->cache, op);
        file->unsynced = fault_reserve(
            file->unsynced, &file->unsynced_capacity, file->unsynced_count + 1, sizeof *file->unsynced);
        file->unsynced[file->unsynced_count++] = number;
        break;
    case OP_SYNC:
        for (size_t i = 0; i < file->unsynced_count; i++) apply(&file->disk, &disk->ops[file->unsynced[i]]);
        file->unsynced_count = 0;
        break;
    case OP_FAILED_SYNC:
        file->unsynced_count = 0;
        break;
    case OP_DELETE:
        file->exists = false;
        file->unsynced_count = 0;
        break;
    }
}

static void replay_to(fault_vfs *disk, uint64_t position) {
    if (position > disk->op_count) position = disk->op_count;
    if (position < disk->replayed || disk->replay_count < disk->file_count) {
        fault_forget_replay(disk);
        disk->replay = calloc(disk->file_count + 1, sizeof *disk->replay);
        if (disk->replay == NULL) abort();
        disk->replay_count = disk->file_count;
    }
    while (disk->replayed < position) step(disk, disk->replayed++);
}

static size_t count_unsynced(fault_vfs *disk) {
    size_t count = 0;
    for (size_t i = 0; i < disk->replay_count; i++) count += disk->replay[i].unsynced_count;
    return count;
}

uint64_t fault_vfs_unsynced(fault_vfs *disk, uint64_t position) {
    pthread_mutex_lock(&disk->mutex);
    replay_to(disk, position);
    uint64_t count = count_unsynced(disk);
    pthread_mutex_unlock(&disk->mutex);
    return count;
}

// -- Chance ------------------------------------------------------------------

// SplitMix64: any seed will do, neighbours too.
static uint64_t next(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static bool coin(uint64_t *state) {
    return (next(state) >> 32) & 1;
}

// -- What survives -----------------------------------------------------------

// The bytes of a write up to the end of the sector that `from` lies in.
static size_t sector_piece(const op *op, size_t from) {
    size_t left_in_sector = SECTOR - ((size_t)op->offset + from) % SECTOR;
    return left_in_sector < op->count - from ? left_in_sector : op->count - from;
}

static int ascending(const void *left, const void *right) {
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return (a > b) - (a < b);
}

// The number of the operation that a disk which works in order did not finish, by chance any of those not synced, or none.
static size_t choose_cut(fault_vfs *disk, uint64_t seed) {
    size_t count = count_unsynced(disk), filled = 0;
    size_t *numbers = calloc(count + 1, sizeof *numbers);
    if (numbers == NULL) abort();
    for (size_t i = 0; i < disk->replay_count; i++)
        for (size_t j = 0; j < disk->replay[i].unsynced_count; j++) numbers[filled++] = disk->replay[i].unsynced[j];
    numbers[count] = SIZE_MAX;
    qsort(numbers, count, sizeof *numbers, ascending);
    size_t cut = numbers[next(&seed) % (count + 1)];
    free(numbers);
    return cut;
}

// What comes before the cut, and of the write at the cut some first sectors.
static void keep_prefix(fault_vfs *disk, size_t index, buffer *image, size_t cut, uint64_t seed) {
    const replayed_file *file = &disk->replay[index];
    for (size_t j = 0; j < file->unsynced_count && file->unsynced[j] <= cut; j++) {
        const op *op = &disk->ops[file->unsynced[j]];
        if (file->unsynced[j] < cut) {
            apply(image, op);
        } else if (op->kind == OP_WRITE) {
            size_t pieces = next(&seed) % (op->count / SECTOR + 1), done = 0;
            while (pieces-- > 0 && done < op->count) done += sector_piece(op, done);
            write_to(image, (size_t)op->offset, op->bytes, done);
        }
    }
}

static void keep_some(fault_vfs *disk, size_t index, buffer *image, uint64_t seed) {
    const replayed_file *file = &disk->replay[index];
    uint64_t random = seed;
    // The same for all files, so that the files are in one state.
    uint64_t way = next(&random) % 4;
    random += index * 0xA0761D6478BD642Fu;
    bool is_file_kept = coin(&random);
    for (size_t j = 0; j < file->unsynced_count; j++) {
        const op *op = &disk->ops[file->unsynced[j]];
        bool is_kept = way == 0 ? is_file_kept : coin(&random);
        if (way < 2 || op->kind != OP_WRITE) {
            if (is_kept) apply(image, op);
            continue;
        }
        for (size_t from = 0; from < op->count;) {
            size_t piece = sector_piece(op, from);
            // Every second sector, or all but one in sixteen.
            bool survives = way == 2 ? coin(&random) : next(&random) % 16 != 0;
            size_t end = (size_t)op->offset + from + piece;
            if (survives) write_to(image, (size_t)op->offset + from, op->bytes + from, piece);
            // The length can survive where the bytes do not: they are zero then.
            else if (is_kept && end > image->size) resize(image, end);
            from += piece;
        }
    }
}

// -- The files ---------------------------------------------------------------

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int write_file(const char *path, const buffer *image) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return errno;
    int error = 0;
    for (size_t done = 0; done < image->size && error == 0;) {
        ssize_t written = write(descriptor, image->bytes + done, image->size - done);
        if (written >= 0) done += (size_t)written;
        else if (errno != EINTR) error = errno;
    }
    close(descriptor);
    return error;
}

static void remove_remains(const char *directory, const char *name) {
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char path[4096];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s/%s%s", directory, name, suffixes[i]);
        unlink(path);
    }
}

static int materialise(fault_vfs *disk, size_t index, fault_vfs_survival survival, uint64_t seed, const char *directory) {
    const replayed_file *file = &disk->replay[index];
    if (!file->exists) return 0;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, base_name(disk->files[index].path));
    if (survival == FAULT_KEEP_EVERYTHING) return write_file(path, &file->cache);
    if (file->unsynced_count == 0 || survival == FAULT_KEEP_NOTHING) return write_file(path, &file->disk);
    buffer image = {0};
    write_to(&image, 0, file->disk.bytes, file->disk.size);
    if (survival == FAULT_KEEP_PREFIX) keep_prefix(disk, index, &image, choose_cut(disk, seed), ~seed);
    else keep_some(disk, index, &image, seed);
    int error = write_file(path, &image);
    free(image.bytes);
    return error;
}

int fault_vfs_crash(
    fault_vfs *disk, uint64_t position, fault_vfs_survival survival, uint64_t seed, const char *directory) {
    pthread_mutex_lock(&disk->mutex);
    replay_to(disk, position);
    for (size_t i = 0; i < disk->file_count; i++) remove_remains(directory, base_name(disk->files[i].path));
    int error = 0;
    for (size_t i = 0; i < disk->replay_count && error == 0; i++)
        error = materialise(disk, i, survival, seed, directory);
    pthread_mutex_unlock(&disk->mutex);
    return error;
}
