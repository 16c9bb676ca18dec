-- Pharmacies, their devices, and what they remember of one another.

CREATE TABLE pharmacy (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    pin_secret BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    next_id INTEGER NOT NULL,
    next_series INTEGER NOT NULL,
    next_device INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    series INTEGER NOT NULL,
    incarnation BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    last_seen INTEGER,
    acknowledged INTEGER NOT NULL,
    cursor_rev INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    clock_offset INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, series),
    UNIQUE (pharmacy_id, incarnation)
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_code (
    code_hash BLOB PRIMARY KEY,
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    pharmacy_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    key BLOB NOT NULL,
    seq INTEGER NOT NULL,
    payload_hash BLOB NOT NULL,
    outcome TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, device_id, key),
    FOREIGN KEY (pharmacy_id, device_id) REFERENCES device (pharmacy_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE commit_log (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    rev INTEGER NOT NULL,
    uid BLOB NOT NULL,
    committed_at INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, rev)
) STRICT, WITHOUT ROWID;

CREATE TABLE change_log (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    rev INTEGER NOT NULL,
    entity TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    field TEXT NOT NULL,
    old_value TEXT,
    new_value TEXT,
    device_id INTEGER NOT NULL,
    user_uid BLOB,
    hlc TEXT NOT NULL,
    kind TEXT NOT NULL,
    strategy TEXT NOT NULL,
    PRIMARY KEY (pharmacy_id, rev, entity, row_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE uid_map (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    entity TEXT NOT NULL,
    alias BLOB NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, entity, alias)
) STRICT, WITHOUT ROWID;

CREATE INDEX uid_map_by_row ON uid_map (pharmacy_id, entity, id);

-- Entities, parents first. Server ids name rows; every key and every reference carries the pharmacy.

CREATE TABLE setting (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX setting_by_rev ON setting (pharmacy_id, rev);
CREATE INDEX setting_by_name ON setting (pharmacy_id, name);

CREATE TABLE "user" (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    pin_hash TEXT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_by_rev ON "user" (pharmacy_id, rev);
CREATE INDEX user_by_login ON "user" (pharmacy_id, login);

CREATE TABLE supplier (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL,
    phone TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX supplier_by_rev ON supplier (pharmacy_id, rev);
CREATE INDEX supplier_by_name ON supplier (pharmacy_id, name_fold);

CREATE TABLE product (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL,
    dci TEXT NOT NULL,
    form TEXT NOT NULL,
    strength TEXT NOT NULL,
    maker TEXT NOT NULL,
    tax_class TEXT NOT NULL,
    min_stock INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX product_by_rev ON product (pharmacy_id, rev);

CREATE TABLE product_unit (
    pharmacy_id INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    factor INTEGER NOT NULL,
    price INTEGER,
    PRIMARY KEY (pharmacy_id, product_id, position),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE product_code (
    pharmacy_id INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit INTEGER NOT NULL,
    supplier_id INTEGER,
    PRIMARY KEY (pharmacy_id, product_id, position),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX product_code_by_code ON product_code (pharmacy_id, code);

CREATE TABLE product_batch (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    product_id INTEGER NOT NULL,
    lot_number TEXT NOT NULL,
    expiry INTEGER,
    supplier_id INTEGER,
    pack_cost INTEGER,
    pack_size INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    blocked_reason TEXT,
    recount_open INTEGER NOT NULL,
    quantity INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id),
    CHECK (quantity >= 0 OR recount_open = 1)
) STRICT, WITHOUT ROWID;

CREATE INDEX product_batch_by_rev ON product_batch (pharmacy_id, rev);
CREATE INDEX product_batch_by_product ON product_batch (pharmacy_id, product_id);

CREATE TABLE stock_adjustment (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id INTEGER,
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX stock_adjustment_by_rev ON stock_adjustment (pharmacy_id, rev);

CREATE TABLE sale (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    series INTEGER NOT NULL,
    number INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    total INTEGER NOT NULL,
    tendered INTEGER NOT NULL,
    chain_version INTEGER NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    state TEXT NOT NULL,
    reason_code TEXT,
    reason_params TEXT,
    flagged INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    UNIQUE (pharmacy_id, series, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX sale_by_rev ON sale (pharmacy_id, rev);

CREATE TABLE sale_item (
    pharmacy_id INTEGER NOT NULL,
    sale_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    unit_name TEXT NOT NULL,
    unit_count INTEGER NOT NULL,
    unit_price INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    tax_class TEXT NOT NULL,
    in_hand INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, sale_id, line),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale_payment (
    pharmacy_id INTEGER NOT NULL,
    sale_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    means TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT,
    PRIMARY KEY (pharmacy_id, sale_id, position),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id)
) STRICT, WITHOUT ROWID;

-- The ledger of stock: what every document does to lots, step by step. It is only ever added to.
CREATE TABLE stock_movement (
    pharmacy_id INTEGER NOT NULL,
    document_id INTEGER NOT NULL,
    document_kind INTEGER NOT NULL,
    line INTEGER NOT NULL,
    step INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    delta INTEGER NOT NULL,
    source TEXT NOT NULL,
    lot_number TEXT NOT NULL,
    expiry INTEGER,
    cost INTEGER,
    reason TEXT,
    PRIMARY KEY (pharmacy_id, document_kind, document_id, line, step, batch_id),
    FOREIGN KEY (pharmacy_id, batch_id) REFERENCES product_batch (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
