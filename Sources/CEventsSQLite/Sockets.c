//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#define _GNU_SOURCE

#include "CEventsSQLite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// An address holds about a hundred bytes and a path may have more. On Linux the directory is named by an open descriptor
// then, which has to stay open until the address was used.
static int make_address(const char *directory, const char *name, struct sockaddr_un *address, int *held) {
    *held = -1;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    int length = snprintf(address->sun_path, sizeof address->sun_path, "%s/%s", directory, name);
    if (length >= 0 && (size_t)length < sizeof address->sun_path) return 0;
#if defined(__linux__)
    do {
        *held = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    } while (*held < 0 && errno == EINTR);
    if (*held < 0) return errno;
    length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", *held, name);
    if (length >= 0 && (size_t)length < sizeof address->sun_path) return 0;
    close(*held);
    *held = -1;
#endif
    return ENAMETOOLONG;
}

static int make_socket(int *descriptor) {
#if defined(SOCK_CLOEXEC)
    *descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return *descriptor < 0 ? errno : 0;
#else
    *descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (*descriptor < 0) return errno;
    int on = 1;
    setsockopt(*descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    fcntl(*descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(*descriptor, F_SETFL, O_NONBLOCK);
    return 0;
#endif
}

int events_socket_listen(const char *directory, const char *name, int *descriptor) {
    struct sockaddr_un address;
    struct stat found;
    char path[4096];
    int held;
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path) return ENAMETOOLONG;
    if (lstat(path, &found) == 0) {
        // An owner that was killed leaves its socket behind; anything else is not ours to remove.
        if (!S_ISSOCK(found.st_mode)) return EEXIST;
        if (unlink(path) != 0) return errno;
    }
    int error = make_address(directory, name, &address, &held);
    if (error != 0) return error;
    error = make_socket(descriptor);
    if (error == 0) {
        // Nobody can connect before it listens, so nobody finds it with the mode that the umask gave it.
        if (bind(*descriptor, (struct sockaddr *)&address, sizeof address) != 0) error = errno;
        if (error == 0 && (chmod(address.sun_path, 0600) != 0 || listen(*descriptor, 128) != 0)) {
            error = errno;
            unlink(path);
        }
        if (error != 0) close(*descriptor);
    }
    if (held >= 0) close(held);
    return error;
}

int events_socket_connect(const char *directory, const char *name, int *descriptor) {
    struct sockaddr_un address;
    int held;
    int error = make_address(directory, name, &address, &held);
    if (error != 0) return error;
    error = make_socket(descriptor);
    if (error == 0) {
        int result;
        do {
            result = connect(*descriptor, (struct sockaddr *)&address, sizeof address);
        } while (result != 0 && errno == EINTR);
        if (result != 0) {
            error = errno;
            close(*descriptor);
        }
    }
    if (held >= 0) close(held);
    return error;
}

int events_socket_accept(int listener, int *descriptor) {
#if defined(SOCK_CLOEXEC)
    *descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return *descriptor < 0 ? errno : 0;
#else
    *descriptor = accept(listener, NULL, NULL);
    if (*descriptor < 0) return errno;
    int on = 1;
    setsockopt(*descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    fcntl(*descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(*descriptor, F_SETFL, O_NONBLOCK);
    return 0;
#endif
}

int events_socket_peer(int descriptor, uint32_t *user) {
#if defined(__linux__)
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return errno;
    *user = (uint32_t)peer.uid;
#else
    uid_t uid;
    gid_t gid;
    if (getpeereid(descriptor, &uid, &gid) != 0) return errno;
    *user = (uint32_t)uid;
#endif
    return 0;
}

int events_socket_pair(int descriptors[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, descriptors) != 0) return errno;
    for (int index = 0; index < 2; index++) {
        fcntl(descriptors[index], F_SETFD, FD_CLOEXEC);
        fcntl(descriptors[index], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

int events_socket_receive(int descriptor, void *bytes, size_t capacity, size_t *count) {
    ssize_t got;
    do {
        got = recv(descriptor, bytes, capacity, 0);
    } while (got < 0 && errno == EINTR);
    *count = got > 0 ? (size_t)got : 0;
    return got < 0 ? errno : 0;
}

int events_socket_send(int descriptor, const void *bytes, size_t length, size_t *count) {
#if defined(MSG_NOSIGNAL)
    int flags = MSG_NOSIGNAL;
#else
    int flags = 0;
#endif
    ssize_t sent;
    do {
        sent = send(descriptor, bytes, length, flags);
    } while (sent < 0 && errno == EINTR);
    *count = sent > 0 ? (size_t)sent : 0;
    return sent < 0 ? errno : 0;
}
