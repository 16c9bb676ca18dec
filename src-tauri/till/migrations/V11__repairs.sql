-- What was found wrong, what was done about it, what is left for a person.
CREATE TABLE repair_run (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    "trigger" TEXT NOT NULL,
    report TEXT NOT NULL
);
CREATE TABLE repair_line (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    uid BLOB NOT NULL,
    label TEXT NOT NULL,
    act TEXT NOT NULL,
    mended INTEGER NOT NULL,
    -- Left, and found again by the last look at everything.
    open INTEGER NOT NULL,
    params TEXT NOT NULL,
    problem TEXT
);
CREATE INDEX repair_line_by_run ON repair_line (run);
CREATE INDEX repair_line_open ON repair_line (uid, kind) WHERE open = 1;

-- The journal of integrity: what was asked, what came of it, and where it goes on.
CREATE TABLE integrity_run (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    asked TEXT NOT NULL,
    report TEXT NOT NULL,
    resume TEXT
);
CREATE TABLE certificate (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    "trigger" TEXT NOT NULL,
    body TEXT NOT NULL
);

-- Places of the hub's history that this till has passed: the newest, then ever fewer.
CREATE TABLE passed (
    rev INTEGER PRIMARY KEY,
    "commit" BLOB NOT NULL
);
-- Up to which row of a document the hub has named them all, or said why not: the look before a push begins there.
CREATE TABLE looked (
    entity TEXT PRIMARY KEY,
    up_to INTEGER NOT NULL
) WITHOUT ROWID;

-- Rows that the hub has not named, of what is edited: the look before a push reads these and no others. Derived from the
-- declaration (`repair/orphans.rs`). Documents have none: a sale would pay for it.
CREATE INDEX setting_unnamed ON setting (server_id) WHERE server_id IS NULL;
CREATE INDEX user_unnamed ON "user" (server_id) WHERE server_id IS NULL;
CREATE INDEX supplier_unnamed ON supplier (server_id) WHERE server_id IS NULL;
CREATE INDEX product_unnamed ON product (server_id) WHERE server_id IS NULL;
CREATE INDEX product_supplier_unnamed ON product_supplier (server_id) WHERE server_id IS NULL;
CREATE INDEX product_batch_unnamed ON product_batch (server_id) WHERE server_id IS NULL;
CREATE INDEX requested_product_unnamed ON requested_product (server_id) WHERE server_id IS NULL;
CREATE INDEX customer_unnamed ON customer (server_id) WHERE server_id IS NULL;
CREATE INDEX supplier_order_unnamed ON supplier_order (server_id) WHERE server_id IS NULL;
CREATE INDEX supplier_order_item_unnamed ON supplier_order_item (server_id) WHERE server_id IS NULL;
CREATE INDEX cash_session_unnamed ON cash_session (server_id) WHERE server_id IS NULL;
CREATE INDEX recall_unnamed ON recall (server_id) WHERE server_id IS NULL;
CREATE INDEX conflict_unnamed ON conflict (server_id) WHERE server_id IS NULL;
