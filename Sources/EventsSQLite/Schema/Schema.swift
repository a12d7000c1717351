//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

/// The log's tables, version 2. `docs/log-format.md` describes each column for people who read them with SQL.
///
/// Everything of the log's own begins with `bus_`, and no user SQL can write to it. Times are microseconds since 1970 UTC,
/// identifiers are UUIDs as text.
package enum Schema {
    /// `PRAGMA application_id`: the letters EVNT, by which `file` and this code know a log.
    package static let applicationID: Int64 = 0x4556_4E54
    /// `PRAGMA user_version`: raised with every change of the tables.
    package static let version: Int64 = 2
    /// What the names of the log's own tables and indexes begin with.
    package static let prefix = "bus_"

    package static let tables = """
        -- The log itself: one row.
        CREATE TABLE bus_log (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            epoch INTEGER NOT NULL,           -- how often it was opened for writing
            last_offset INTEGER NOT NULL,     -- at least the highest offset that retention removed
            created_at INTEGER NOT NULL
        ) STRICT;

        -- One row an event, in the order of everything published.
        CREATE TABLE bus_events (
            offset INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            ordering_key TEXT,
            published_at INTEGER NOT NULL,
            correlation_id TEXT,              -- NULL: its own id
            causation_id TEXT,
            depth INTEGER NOT NULL,
            emitted_by TEXT,
            headers TEXT,                     -- a JSON object; NULL: none
            idempotency_key TEXT,
            checksum INTEGER NOT NULL,        -- CRC-32C of the row
            payload TEXT NOT NULL             -- JSON
        ) STRICT;
        CREATE UNIQUE INDEX bus_events_by_idempotency_key
            ON bus_events (idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX bus_events_by_correlation
            ON bus_events (correlation_id) WHERE correlation_id IS NOT NULL;

        -- One row a subscription: how far it is.
        CREATE TABLE bus_subscriptions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            cursor INTEGER NOT NULL,          -- every delivery up to here is finished or has a row of its own
            ranges TEXT NOT NULL,             -- the same above the cursor: distances from it, such as '2-5 9'
            epoch INTEGER NOT NULL,           -- when it was registered last
            created_at INTEGER NOT NULL,
            delivery_order TEXT,              -- 'per key', 'serial', 'unordered'; NULL: not registered since version 2
            order_after INTEGER NOT NULL DEFAULT 0  -- that order holds for greater offsets than this
        ) STRICT;

        -- Which events a subscription takes.
        CREATE TABLE bus_subscription_types (
            subscription INTEGER NOT NULL,
            event_name TEXT NOT NULL,
            after_offset INTEGER NOT NULL,    -- greater offsets than this
            through_offset INTEGER,           -- up to this; NULL: still registered
            PRIMARY KEY (subscription, event_name, after_offset)
        ) STRICT, WITHOUT ROWID;

        -- Deliveries that are not finished and that the cursor or a range has passed.
        CREATE TABLE bus_deliveries (
            subscription INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            ordering_key TEXT,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'retry', 'no handler')),
            due_at INTEGER,                   -- a retry's next attempt
            decided_at INTEGER,               -- when that was decided
            attempts INTEGER NOT NULL,
            failed_attempts INTEGER NOT NULL, -- since it began or was last redriven
            crashes INTEGER NOT NULL,         -- the same
            redrives INTEGER NOT NULL,
            is_depth_reset INTEGER NOT NULL,
            is_suspect INTEGER NOT NULL,      -- ran when the process ended, and has had no outcome since
            PRIMARY KEY (subscription, offset)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX bus_deliveries_by_key ON bus_deliveries (subscription, ordering_key, offset);
        CREATE INDEX bus_deliveries_by_due_time ON bus_deliveries (subscription, due_at) WHERE state = 'retry';
        -- Finds when the latest was decided, to notice a clock that was set back since.
        CREATE INDEX bus_deliveries_by_decision_time ON bus_deliveries (subscription, decided_at) WHERE state = 'retry';

        -- Attempts that did not complete, of finished deliveries too.
        CREATE TABLE bus_attempts (
            subscription INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            number INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            duration INTEGER NOT NULL,        -- microseconds
            error_type TEXT NOT NULL,
            error_text TEXT NOT NULL,
            is_counted INTEGER NOT NULL,
            PRIMARY KEY (subscription, offset, number)
        ) STRICT, WITHOUT ROWID;

        -- Deliveries that failed for good, until they are redriven or discarded.
        CREATE TABLE bus_dead_letters (
            arrival INTEGER PRIMARY KEY AUTOINCREMENT,
            subscription INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            ordering_key TEXT,
            event_name TEXT NOT NULL,
            correlation_id TEXT NOT NULL,
            reason TEXT NOT NULL,
            error_type TEXT NOT NULL,
            error_text TEXT NOT NULL,
            died_at INTEGER NOT NULL,
            parks_key INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            failed_attempts INTEGER NOT NULL,
            crashes INTEGER NOT NULL,
            redrives INTEGER NOT NULL,
            is_depth_reset INTEGER NOT NULL,
            UNIQUE (subscription, offset)
        ) STRICT;
        CREATE INDEX bus_dead_letters_that_park
            ON bus_dead_letters (subscription, ordering_key, offset) WHERE parks_key = 1;

        -- Deliveries and dead letters that were given up.
        CREATE TABLE bus_discards (
            id INTEGER PRIMARY KEY,
            subscription INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            reason TEXT NOT NULL,
            discarded_at INTEGER NOT NULL,
            was_dead INTEGER NOT NULL         -- 1: a dead letter; 0: by a handler
        ) STRICT;
        CREATE INDEX bus_discards_by_delivery ON bus_discards (subscription, offset);

        -- What completed when: one row a subscription and commit.
        CREATE TABLE bus_settlements (
            subscription INTEGER NOT NULL,
            first_offset INTEGER NOT NULL,
            last_offset INTEGER NOT NULL,
            settled_at INTEGER NOT NULL,
            offsets TEXT NOT NULL,            -- distances from first_offset, such as '0-5 9'
            PRIMARY KEY (subscription, first_offset)
        ) STRICT, WITHOUT ROWID;

        -- Events that are to be published later.
        CREATE TABLE bus_scheduled (
            id TEXT PRIMARY KEY,
            due_at INTEGER NOT NULL,
            decided_at INTEGER NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            ordering_key TEXT,
            published_at INTEGER NOT NULL,    -- when it was scheduled
            correlation_id TEXT,
            causation_id TEXT,
            depth INTEGER NOT NULL,
            emitted_by TEXT,
            headers TEXT,
            idempotency_key TEXT UNIQUE,
            checksum INTEGER NOT NULL,
            payload TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX bus_scheduled_by_time ON bus_scheduled (due_at);
        CREATE INDEX bus_scheduled_by_decision ON bus_scheduled (decided_at);
        CREATE INDEX bus_scheduled_by_correlation
            ON bus_scheduled (correlation_id) WHERE correlation_id IS NOT NULL;

        \(operations)
        """

    /// What was done by hand, since version 2.
    static let operations = """
        -- Who changed what, when and why: one row for each change that somebody asked for.
        CREATE TABLE bus_audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,             -- 'redrive', 'discard', 'edit', 'plan', 'apply', 'send', 'cancel', 'remove'
            subject TEXT NOT NULL,            -- a delivery, a filter, a plan or a subscription
            affected INTEGER NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;

        -- Each time that a dead letter was sent back.
        CREATE TABLE bus_redrives (
            subscription INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            number INTEGER NOT NULL,
            redriven_at INTEGER NOT NULL,
            audit INTEGER NOT NULL,
            PRIMARY KEY (subscription, offset, number)
        ) STRICT, WITHOUT ROWID;

        -- What dead letters are handled with instead of their events' payloads, which stay as they are. The latest counts.
        CREATE TABLE bus_edits (
            subscription INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            number INTEGER NOT NULL,
            edited_at INTEGER NOT NULL,
            audit INTEGER NOT NULL,
            checksum INTEGER NOT NULL,        -- CRC-32C of the payload
            payload TEXT NOT NULL,            -- JSON
            PRIMARY KEY (subscription, offset, number)
        ) STRICT, WITHOUT ROWID;

        -- Redrive plans: a set of dead letters that was fixed when the plan was made.
        CREATE TABLE bus_plans (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            state TEXT NOT NULL CHECK (state IN ('planned', 'applying', 'done', 'aborted', 'cancelled')),
            filter TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            canary INTEGER NOT NULL DEFAULT 0,
            interval INTEGER NOT NULL DEFAULT 0,    -- microseconds between two letters
            abort_after INTEGER,              -- failures; NULL: never
            applied_at INTEGER,
            last_sent_at INTEGER,
            ended_at INTEGER,
            ended_because TEXT
        ) STRICT;

        -- The letters of a plan, and what became of them.
        CREATE TABLE bus_plan_items (
            plan INTEGER NOT NULL,
            position INTEGER NOT NULL,
            subscription INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            arrival INTEGER NOT NULL,         -- which time that the delivery became a letter
            state TEXT NOT NULL CHECK
                (state IN ('pending', 'sent', 'completed', 'dead', 'discarded', 'gone', 'no handler')),
            sent_at INTEGER,
            ended_at INTEGER,
            PRIMARY KEY (plan, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX bus_plan_items_by_state ON bus_plan_items (plan, state, position);
        CREATE INDEX bus_plan_items_by_delivery ON bus_plan_items (subscription, offset);
        """
}
