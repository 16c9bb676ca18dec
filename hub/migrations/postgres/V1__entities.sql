-- Pharmacies, their devices, and what they remember of one another.

CREATE TABLE pharmacy (
    id BIGINT PRIMARY KEY,
    uid BYTEA NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    pin_secret BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    next_id BIGINT NOT NULL,
    next_series BIGINT NOT NULL,
    next_device BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE device (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    series BIGINT NOT NULL,
    incarnation BYTEA NOT NULL,
    enrolled_at BIGINT NOT NULL,
    last_seen BIGINT,
    acknowledged BIGINT NOT NULL,
    cursor_rev BIGINT NOT NULL,
    schema_version BIGINT NOT NULL,
    clock_offset BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, series),
    UNIQUE (pharmacy_id, incarnation)
);

CREATE TABLE enrolment_code (
    code_hash BYTEA PRIMARY KEY,
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE idempotency (
    pharmacy_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    key BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    payload_hash BYTEA NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, device_id, key),
    FOREIGN KEY (pharmacy_id, device_id) REFERENCES device (pharmacy_id, id)
);

CREATE TABLE commit_log (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    rev BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    committed_at BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, rev)
);

CREATE TABLE change_log (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    rev BIGINT NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    row_id BIGINT NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    old_value TEXT COLLATE "C",
    new_value TEXT COLLATE "C",
    device_id BIGINT NOT NULL,
    user_uid BYTEA,
    hlc TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    strategy TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pharmacy_id, rev, entity, row_id, field)
);

CREATE TABLE uid_map (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    entity TEXT COLLATE "C" NOT NULL,
    alias BYTEA NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, entity, alias)
);

CREATE INDEX uid_map_by_row ON uid_map (pharmacy_id, entity, id);

-- Entities, parents first. Server ids name rows; every key and every reference carries the pharmacy.

CREATE TABLE setting (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
);

CREATE INDEX setting_by_rev ON setting (pharmacy_id, rev);
CREATE INDEX setting_by_name ON setting (pharmacy_id, name);

CREATE TABLE "user" (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    login TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    pin_hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
);

CREATE INDEX user_by_rev ON "user" (pharmacy_id, rev);
CREATE INDEX user_by_login ON "user" (pharmacy_id, login);

CREATE TABLE supplier (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    name_fold TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
);

CREATE INDEX supplier_by_rev ON supplier (pharmacy_id, rev);
CREATE INDEX supplier_by_name ON supplier (pharmacy_id, name_fold);

CREATE TABLE product (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    name_fold TEXT COLLATE "C" NOT NULL,
    dci TEXT COLLATE "C" NOT NULL,
    form TEXT COLLATE "C" NOT NULL,
    strength TEXT COLLATE "C" NOT NULL,
    maker TEXT COLLATE "C" NOT NULL,
    tax_class TEXT COLLATE "C" NOT NULL,
    min_stock BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
);

CREATE INDEX product_by_rev ON product (pharmacy_id, rev);

CREATE TABLE product_unit (
    pharmacy_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    factor BIGINT NOT NULL,
    price BIGINT,
    PRIMARY KEY (pharmacy_id, product_id, position),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id)
);

CREATE TABLE product_code (
    pharmacy_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    unit BIGINT NOT NULL,
    supplier_id BIGINT,
    PRIMARY KEY (pharmacy_id, product_id, position),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id)
);

CREATE INDEX product_code_by_code ON product_code (pharmacy_id, code);

CREATE TABLE product_batch (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    product_id BIGINT NOT NULL,
    lot_number TEXT COLLATE "C" NOT NULL,
    expiry BIGINT,
    supplier_id BIGINT,
    pack_cost BIGINT,
    pack_size BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    blocked_reason TEXT COLLATE "C",
    recount_open BIGINT NOT NULL,
    quantity BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id),
    CHECK (quantity >= 0 OR recount_open = 1)
);

CREATE INDEX product_batch_by_rev ON product_batch (pharmacy_id, rev);
CREATE INDEX product_batch_by_product ON product_batch (pharmacy_id, product_id);

CREATE TABLE stock_adjustment (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    kind TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    user_id BIGINT,
    occurred_at BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
);

CREATE INDEX stock_adjustment_by_rev ON stock_adjustment (pharmacy_id, rev);

CREATE TABLE sale (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    series BIGINT NOT NULL,
    number BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    total BIGINT NOT NULL,
    tendered BIGINT NOT NULL,
    chain_version BIGINT NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason_code TEXT COLLATE "C",
    reason_params TEXT COLLATE "C",
    flagged BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    UNIQUE (pharmacy_id, series, number)
);

CREATE INDEX sale_by_rev ON sale (pharmacy_id, rev);

CREATE TABLE sale_item (
    pharmacy_id BIGINT NOT NULL,
    sale_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    unit_name TEXT COLLATE "C" NOT NULL,
    unit_count BIGINT NOT NULL,
    unit_price BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    tax_class TEXT COLLATE "C" NOT NULL,
    in_hand BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, sale_id, line),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id)
);

CREATE TABLE sale_payment (
    pharmacy_id BIGINT NOT NULL,
    sale_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    means TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    reference TEXT COLLATE "C",
    PRIMARY KEY (pharmacy_id, sale_id, position),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id)
);

-- The ledger of stock: what every document does to lots, step by step. It is only ever added to.
CREATE TABLE stock_movement (
    pharmacy_id BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    document_kind BIGINT NOT NULL,
    line BIGINT NOT NULL,
    step BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    delta BIGINT NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    lot_number TEXT COLLATE "C" NOT NULL,
    expiry BIGINT,
    cost BIGINT,
    reason TEXT COLLATE "C",
    PRIMARY KEY (pharmacy_id, document_kind, document_id, line, step, batch_id),
    FOREIGN KEY (pharmacy_id, batch_id) REFERENCES product_batch (pharmacy_id, id)
);
