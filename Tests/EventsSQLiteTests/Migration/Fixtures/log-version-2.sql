-- A log of format version 2, as OldLog.write and OldLog.operate left it. Never to be changed.
PRAGMA application_id = 1163284052;
PRAGMA user_version = 2;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE bus_log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,           -- how often it was opened for writing
    last_offset INTEGER NOT NULL,     -- at least the highest offset that retention removed
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO bus_log VALUES(1,2,0,1795781452849848);
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
INSERT INTO bus_events VALUES(1,'01a21cea-643e-7000-9aae-17b4ef04439c','order.placed',1,'A1',1795781452862741,NULL,NULL,0,NULL,NULL,NULL,1019636765,'{"order":"A1","quantity":1}');
INSERT INTO bus_events VALUES(2,'01a21cea-643e-7001-a704-90ffebdf9558','order.placed',1,'A2',1795781452862741,NULL,NULL,0,NULL,NULL,NULL,491588517,'{"order":"A2","quantity":2}');
INSERT INTO bus_events VALUES(3,'01a21cea-643e-7002-8418-693f791738db','order.placed',1,'A3',1795781452862741,NULL,NULL,0,NULL,NULL,NULL,1979493275,'{"order":"A3","quantity":3}');
INSERT INTO bus_events VALUES(4,'01a21cea-643e-7003-9f1c-ae1c5994b1d4','order.placed',1,'A4',1795781452862741,NULL,NULL,0,NULL,NULL,NULL,2752757616,'{"order":"A4","quantity":4}');
INSERT INTO bus_events VALUES(5,'01a21cea-643e-7004-8db0-6316671a2c32','order.placed',1,'A5',1795781452862741,NULL,NULL,0,NULL,NULL,NULL,583446144,'{"order":"A5","quantity":5}');
INSERT INTO bus_events VALUES(6,'01a21cea-6441-7000-bbce-86b0d898c2f5','order.shipped',1,NULL,1795781452865000,'01a21cea-643e-7001-a704-90ffebdf9558','01a21cea-643e-7001-a704-90ffebdf9558',1,'reserve',NULL,NULL,1582592180,'{"order":"A2"}');
INSERT INTO bus_events VALUES(7,'01a21cea-6440-7000-b820-4f876faa5b24','order.shipped',1,NULL,1795781452864966,'01a21cea-643e-7000-9aae-17b4ef04439c','01a21cea-643e-7000-9aae-17b4ef04439c',1,'reserve',NULL,NULL,3736114965,'{"order":"A1"}');
INSERT INTO bus_events VALUES(8,'01a21cea-6441-7001-864f-009b8686be39','order.shipped',1,NULL,1795781452865338,'01a21cea-643e-7002-8418-693f791738db','01a21cea-643e-7002-8418-693f791738db',1,'reserve',NULL,NULL,2171252205,'{"order":"A3"}');
INSERT INTO bus_events VALUES(9,'01a21cea-6441-7002-aff5-7932b69c665d','order.shipped',1,NULL,1795781452865518,'01a21cea-643e-7003-9f1c-ae1c5994b1d4','01a21cea-643e-7003-9f1c-ae1c5994b1d4',1,'reserve',NULL,NULL,849067188,'{"order":"A4"}');
INSERT INTO bus_events VALUES(10,'01a21cea-6441-7003-bf0e-bd4a5415da6c','order.shipped',1,NULL,1795781452865553,'01a21cea-643e-7004-8db0-6316671a2c32','01a21cea-643e-7004-8db0-6316671a2c32',1,'reserve',NULL,NULL,2700411259,'{"order":"A5"}');
INSERT INTO bus_events VALUES(11,'01a21cea-6446-7000-a54f-28346d226489','order.placed',1,'B',1795781452870547,NULL,NULL,0,NULL,NULL,'line-6',2677117264,'{"order":"B","quantity":100}');
INSERT INTO bus_events VALUES(12,'01a21cea-644a-7000-a5e6-66dfb5c31ae3','order.placed',1,'B',1795781452874645,NULL,NULL,0,NULL,'{"trace":"4bf92f35"}',NULL,1628674331,'{"order":"B","quantity":1}');
INSERT INTO bus_events VALUES(13,'01a21cea-644c-7000-8a08-b2a9f1c2ff4e','order.placed',1,'C',1795781452876052,NULL,NULL,0,NULL,NULL,NULL,2122906614,'{"order":"C","quantity":100}');
INSERT INTO bus_events VALUES(14,'01a21cea-6450-7000-9108-04077ede9ff1','order.placed',1,'D',1795781452880022,NULL,NULL,0,NULL,NULL,NULL,1232458519,'{"order":"D","quantity":50}');
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
INSERT INTO bus_subscriptions VALUES(1,'reserve',14,'',2,1795781452849848,'per key',0);
INSERT INTO bus_subscriptions VALUES(2,'notify',10,'',2,1795781452849848,'per key',0);
CREATE TABLE bus_subscription_types (
    subscription INTEGER NOT NULL,
    event_name TEXT NOT NULL,
    after_offset INTEGER NOT NULL,    -- greater offsets than this
    through_offset INTEGER,           -- up to this; NULL: still registered
    PRIMARY KEY (subscription, event_name, after_offset)
) STRICT, WITHOUT ROWID;
INSERT INTO bus_subscription_types VALUES(1,'order.placed',0,NULL);
INSERT INTO bus_subscription_types VALUES(2,'order.shipped',0,NULL);
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
INSERT INTO bus_deliveries VALUES(1,12,'B','waiting',NULL,NULL,0,0,0,0,0,0);
INSERT INTO bus_deliveries VALUES(1,14,'D','retry',1795785052884944,1795781452884944,1,0,0,0,0,0);
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
INSERT INTO bus_attempts VALUES(1,11,1,1795781452871523,51,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,11,2,1795781452873412,31,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,11,3,1795781452906689,50,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,11,4,1795781452907927,27,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,13,1,1795781452877168,39,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,13,2,1795781452877959,18,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,14,1,1795781452884843,59,'Disposition','retry after 3600.0 seconds',0);
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
INSERT INTO bus_dead_letters VALUES(3,1,11,'B','order.placed','01a21cea-6446-7000-a54f-28346d226489','exhausted','OutOfStock','OutOfStock()',1795781452907991,1,4,2,0,1,0);
CREATE TABLE bus_discards (
    id INTEGER PRIMARY KEY,
    subscription INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    discarded_at INTEGER NOT NULL,
    was_dead INTEGER NOT NULL         -- 1: a dead letter; 0: by a handler
) STRICT;
INSERT INTO bus_discards VALUES(1,1,13,'void',1795781452878937,1);
CREATE TABLE bus_settlements (
    subscription INTEGER NOT NULL,
    first_offset INTEGER NOT NULL,
    last_offset INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    offsets TEXT NOT NULL,            -- distances from first_offset, such as '0-5 9'
    PRIMARY KEY (subscription, first_offset)
) STRICT, WITHOUT ROWID;
INSERT INTO bus_settlements VALUES(1,1,5,1795781452865827,'0 2-4');
INSERT INTO bus_settlements VALUES(1,2,2,1795781452865106,'0');
INSERT INTO bus_settlements VALUES(2,6,6,1795781452868018,'0');
INSERT INTO bus_settlements VALUES(2,7,10,1795781452868572,'0-3');
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
INSERT INTO bus_scheduled VALUES('01a21cea-6458-7000-a8cd-d71189c6a398',4102444800000000,1795781452888872,'order.placed',1,'E',1795781452888817,NULL,NULL,0,NULL,NULL,'line-10',2623912297,'{"order":"E","quantity":1}');
CREATE TABLE bus_audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,             -- 'redrive', 'discard', 'edit', 'plan', 'apply', 'send', 'cancel', 'remove'
    subject TEXT NOT NULL,            -- a delivery, a filter, a plan or a subscription
    affected INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
INSERT INTO bus_audit VALUES(1,1795781452878937,'service','discard','reserve/13',1,'void');
INSERT INTO bus_audit VALUES(2,1800000000000000,'operator','edit','reserve/11 /note',1,'a try');
INSERT INTO bus_audit VALUES(3,1800000000000000,'operator','redrive','reserve/11',1,'a try');
INSERT INTO bus_audit VALUES(4,1800000000000000,'operator','plan','plan 1: all dead letters',1,'a try');
CREATE TABLE bus_redrives (
    subscription INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    number INTEGER NOT NULL,
    redriven_at INTEGER NOT NULL,
    audit INTEGER NOT NULL,
    PRIMARY KEY (subscription, offset, number)
) STRICT, WITHOUT ROWID;
INSERT INTO bus_redrives VALUES(1,11,1,1800000000000000,3);
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
INSERT INTO bus_edits VALUES(1,11,1,1800000000000000,2,3415564819,'{"order":"B","quantity":100,"note":"mended"}');
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
INSERT INTO bus_plans VALUES(1,'planned','all dead letters',1800000000000000,0,0,NULL,NULL,NULL,NULL,NULL);
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
INSERT INTO bus_plan_items VALUES(1,1,1,11,3,'pending',NULL,NULL);
CREATE TABLE stock (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL);
INSERT INTO stock VALUES('A2',2);
INSERT INTO stock VALUES('A1',1);
INSERT INTO stock VALUES('A3',3);
INSERT INTO stock VALUES('A4',4);
INSERT INTO stock VALUES('A5',5);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('bus_subscriptions',2);
INSERT INTO sqlite_sequence VALUES('bus_dead_letters',3);
INSERT INTO sqlite_sequence VALUES('bus_audit',4);
INSERT INTO sqlite_sequence VALUES('bus_plans',1);
CREATE UNIQUE INDEX bus_events_by_idempotency_key
    ON bus_events (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX bus_events_by_correlation
    ON bus_events (correlation_id) WHERE correlation_id IS NOT NULL;
CREATE INDEX bus_deliveries_by_key ON bus_deliveries (subscription, ordering_key, offset);
CREATE INDEX bus_deliveries_by_due_time ON bus_deliveries (subscription, due_at) WHERE state = 'retry';
CREATE INDEX bus_deliveries_by_decision_time ON bus_deliveries (subscription, decided_at) WHERE state = 'retry';
CREATE INDEX bus_dead_letters_that_park
    ON bus_dead_letters (subscription, ordering_key, offset) WHERE parks_key = 1;
CREATE INDEX bus_discards_by_delivery ON bus_discards (subscription, offset);
CREATE INDEX bus_scheduled_by_time ON bus_scheduled (due_at);
CREATE INDEX bus_scheduled_by_decision ON bus_scheduled (decided_at);
CREATE INDEX bus_scheduled_by_correlation
    ON bus_scheduled (correlation_id) WHERE correlation_id IS NOT NULL;
CREATE INDEX bus_plan_items_by_state ON bus_plan_items (plan, state, position);
CREATE INDEX bus_plan_items_by_delivery ON bus_plan_items (subscription, offset);
COMMIT;
