-- A log of format version 1, as OldLog.write left it. Never to be changed.
PRAGMA application_id = 1163284052;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE bus_log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,           -- how often it was opened for writing
    last_offset INTEGER NOT NULL,     -- at least the highest offset that retention removed
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO bus_log VALUES(1,1,0,1795238271003869);
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
INSERT INTO bus_events VALUES(1,'01a1fc8a-182b-7000-a3ca-52a2cb73cf8d','order.placed',1,'A1',1795238271019003,NULL,NULL,0,NULL,NULL,NULL,268378018,'{"order":"A1","quantity":1}');
INSERT INTO bus_events VALUES(2,'01a1fc8a-182b-7001-b268-14d89cef6e77','order.placed',1,'A2',1795238271019003,NULL,NULL,0,NULL,NULL,NULL,335873342,'{"quantity":2,"order":"A2"}');
INSERT INTO bus_events VALUES(3,'01a1fc8a-182b-7002-9196-d77914da089e','order.placed',1,'A3',1795238271019003,NULL,NULL,0,NULL,NULL,NULL,3915101039,'{"order":"A3","quantity":3}');
INSERT INTO bus_events VALUES(4,'01a1fc8a-182b-7003-8eb7-82a1c2dd7baa','order.placed',1,'A4',1795238271019003,NULL,NULL,0,NULL,NULL,NULL,744568615,'{"quantity":4,"order":"A4"}');
INSERT INTO bus_events VALUES(5,'01a1fc8a-182b-7004-8b03-b31930cfaadf','order.placed',1,'A5',1795238271019003,NULL,NULL,0,NULL,NULL,NULL,3481120511,'{"order":"A5","quantity":5}');
INSERT INTO bus_events VALUES(6,'01a1fc8a-182d-7000-bb9c-9396f4a05b60','order.shipped',1,NULL,1795238271021236,'01a1fc8a-182b-7000-a3ca-52a2cb73cf8d','01a1fc8a-182b-7000-a3ca-52a2cb73cf8d',1,'reserve',NULL,NULL,824668063,'{"order":"A1"}');
INSERT INTO bus_events VALUES(7,'01a1fc8a-182d-7001-aa0f-33e1cd7d34c2','order.shipped',1,NULL,1795238271021741,'01a1fc8a-182b-7001-b268-14d89cef6e77','01a1fc8a-182b-7001-b268-14d89cef6e77',1,'reserve',NULL,NULL,1409275375,'{"order":"A2"}');
INSERT INTO bus_events VALUES(8,'01a1fc8a-182d-7002-a7e9-12a46f9c5c91','order.shipped',1,NULL,1795238271021933,'01a1fc8a-182b-7003-8eb7-82a1c2dd7baa','01a1fc8a-182b-7003-8eb7-82a1c2dd7baa',1,'reserve',NULL,NULL,586675457,'{"order":"A4"}');
INSERT INTO bus_events VALUES(9,'01a1fc8a-182d-7003-aa7a-60d640d08e2a','order.shipped',1,NULL,1795238271021999,'01a1fc8a-182b-7004-8b03-b31930cfaadf','01a1fc8a-182b-7004-8b03-b31930cfaadf',1,'reserve',NULL,NULL,1389281433,'{"order":"A5"}');
INSERT INTO bus_events VALUES(10,'01a1fc8a-182e-7000-b389-54578a2be703','order.shipped',1,NULL,1795238271022131,'01a1fc8a-182b-7002-9196-d77914da089e','01a1fc8a-182b-7002-9196-d77914da089e',1,'reserve',NULL,NULL,665922095,'{"order":"A3"}');
INSERT INTO bus_events VALUES(11,'01a1fc8a-1832-7000-938d-9ce9faa2b7a8','order.placed',1,'B',1795238271026006,NULL,NULL,0,NULL,NULL,'line-6',3896191156,'{"order":"B","quantity":100}');
INSERT INTO bus_events VALUES(12,'01a1fc8a-1837-7000-99fd-a2b7fe5882a6','order.placed',1,'B',1795238271031834,NULL,NULL,0,NULL,'{"trace":"4bf92f35"}',NULL,1473342260,'{"quantity":1,"order":"B"}');
INSERT INTO bus_events VALUES(13,'01a1fc8a-1838-7000-9bf5-226f7e331a9f','order.placed',1,'C',1795238271032900,NULL,NULL,0,NULL,NULL,NULL,224538589,'{"quantity":100,"order":"C"}');
INSERT INTO bus_events VALUES(14,'01a1fc8a-183e-7000-ab35-60bb280ead8e','order.placed',1,'D',1795238271038415,NULL,NULL,0,NULL,NULL,NULL,2179279574,'{"order":"D","quantity":50}');
CREATE TABLE bus_subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    cursor INTEGER NOT NULL,          -- every delivery up to here is finished or has a row of its own
    ranges TEXT NOT NULL,             -- the same above the cursor: distances from it, such as '2-5 9'
    epoch INTEGER NOT NULL,           -- when it was registered last
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO bus_subscriptions VALUES(1,'reserve',14,'',1,1795238271003869);
INSERT INTO bus_subscriptions VALUES(2,'notify',10,'',1,1795238271003869);
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
INSERT INTO bus_deliveries VALUES(1,14,'D','retry',1795241871040885,1795238271040885,1,0,0,0,0,0);
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
INSERT INTO bus_attempts VALUES(1,11,1,1795238271027209,101,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,11,2,1795238271028395,55,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,13,1,1795238271034161,17,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,13,2,1795238271035363,33,'OutOfStock','OutOfStock()',1);
INSERT INTO bus_attempts VALUES(1,14,1,1795238271040809,15,'Disposition','retry after 3600.0 seconds',0);
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
INSERT INTO bus_dead_letters VALUES(1,1,11,'B','order.placed','01a1fc8a-1832-7000-938d-9ce9faa2b7a8','exhausted','OutOfStock','OutOfStock()',1795238271028509,1,2,2,0,0,0);
CREATE TABLE bus_discards (
    id INTEGER PRIMARY KEY,
    subscription INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    discarded_at INTEGER NOT NULL,
    was_dead INTEGER NOT NULL         -- 1: a dead letter; 0: by a handler
) STRICT;
INSERT INTO bus_discards VALUES(1,1,13,'void',1795238271037509,1);
CREATE TABLE bus_settlements (
    subscription INTEGER NOT NULL,
    first_offset INTEGER NOT NULL,
    last_offset INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    offsets TEXT NOT NULL,            -- distances from first_offset, such as '0-5 9'
    PRIMARY KEY (subscription, first_offset)
) STRICT, WITHOUT ROWID;
INSERT INTO bus_settlements VALUES(1,1,1,1795238271021305,'0');
INSERT INTO bus_settlements VALUES(1,2,5,1795238271022173,'0-3');
INSERT INTO bus_settlements VALUES(2,6,6,1795238271022644,'0');
INSERT INTO bus_settlements VALUES(2,7,10,1795238271023199,'0-3');
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
INSERT INTO bus_scheduled VALUES('01a1fc8a-1842-7000-b6fa-c9f5d3f3976e',4102444800000000,1795238271042940,'order.placed',1,'E',1795238271042923,NULL,NULL,0,NULL,NULL,'line-10',666370774,'{"quantity":1,"order":"E"}');
CREATE TABLE stock (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL);
INSERT INTO stock VALUES('A1',1);
INSERT INTO stock VALUES('A2',2);
INSERT INTO stock VALUES('A4',4);
INSERT INTO stock VALUES('A5',5);
INSERT INTO stock VALUES('A3',3);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('bus_subscriptions',2);
INSERT INTO sqlite_sequence VALUES('bus_dead_letters',2);
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
COMMIT;
