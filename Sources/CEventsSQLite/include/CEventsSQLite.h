//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// What Swift cannot call by itself: functions of SQLite with variable arguments.

#ifndef SWIFT_EVENTS_CEVENTSSQLITE_H
#define SWIFT_EVENTS_CEVENTSSQLITE_H

#include <sqlite3.h>

/// Sets one of the switches of sqlite3_db_config. Returns SQLite's result code.
int events_sqlite_set_option(sqlite3 *connection, int option, int value);

#endif
