//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef SWIFT_EVENTS_CGETOPT_H
#define SWIFT_EVENTS_CGETOPT_H

// getopt_long(3), which Swift's C library modules leave out, and functions for
// its global variables, which Swift 6 does not let anyone touch: it cannot know
// who else does. Whoever calls these holds a lock.

#include <getopt.h>

/// Makes the next getopt_long begin a new command line, and print nothing itself.
static inline void cgetopt_begin(void) {
    opterr = 0;
#if defined(__GLIBC__) || defined(__linux__)
    optind = 0; // the GNU way, also understood by musl, to forget the old one
#else
    optind = 1;
    optreset = 1;
#endif
}

/// The value of the option found last, or NULL.
static inline const char *cgetopt_value(void) { return optarg; }

/// The position in argv of the next element to look at.
static inline int cgetopt_position(void) { return optind; }

/// The option that getopt_long complained about, or 0 if it is none of those it was told of.
static inline int cgetopt_culprit(void) { return optopt; }

#endif
