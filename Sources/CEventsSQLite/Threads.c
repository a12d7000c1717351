//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// glibc hides pthread_setname_np without it.
#define _GNU_SOURCE

#include "CEventsSQLite.h"

#include <pthread.h>

void events_name_this_thread(const char *name) {
    // A name is a convenience: where it cannot be set, there is none.
#if defined(__APPLE__)
    pthread_setname_np(name);
#else
    pthread_setname_np(pthread_self(), name);
#endif
}
