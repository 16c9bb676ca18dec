-- Derived from the declaration of entities, schema 2.
ALTER TABLE product ADD COLUMN returnable INTEGER NOT NULL DEFAULT 0;

CREATE TABLE product_supplier (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    product_id INTEGER NOT NULL REFERENCES product (id),
    supplier_id INTEGER NOT NULL REFERENCES supplier (id),
    reference TEXT NOT NULL,
    pack_cost INTEGER,
    pack_size INTEGER NOT NULL,
    preferred INTEGER NOT NULL
);
CREATE INDEX product_supplier_by_product_supplier ON product_supplier (product_id, supplier_id);

CREATE TABLE customer (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL,
    phone TEXT NOT NULL,
    address TEXT NOT NULL,
    credit_ceiling INTEGER NOT NULL
);
CREATE INDEX customer_by_phone ON customer (phone);

CREATE TABLE supplier_order (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    number TEXT NOT NULL,
    supplier_id INTEGER NOT NULL REFERENCES supplier (id),
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    ordered_at INTEGER NOT NULL,
    expected_on INTEGER,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'cancelled')),
    note TEXT NOT NULL
);
CREATE INDEX supplier_order_by_number ON supplier_order (number);
ALTER TABLE product_batch ADD COLUMN order_id INTEGER REFERENCES supplier_order (id);
ALTER TABLE product_batch ADD COLUMN quarantine INTEGER NOT NULL DEFAULT 0;
ALTER TABLE product_batch ADD COLUMN counted_at INTEGER;
ALTER TABLE product_batch ADD COLUMN lot_fold TEXT NOT NULL DEFAULT '';
UPDATE product_batch SET lot_fold = replace(replace(lower(lot_number), ' ', ''), '-', '');

CREATE TABLE requested_product (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    label TEXT NOT NULL,
    product_id INTEGER REFERENCES product (id),
    batch_id INTEGER REFERENCES product_batch (id),
    quantity INTEGER NOT NULL,
    contact TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    requested_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'ordered', 'served', 'dropped'))
);
CREATE INDEX requested_product_by_state ON requested_product (state);

CREATE TABLE supplier_order_item (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    order_id INTEGER NOT NULL REFERENCES supplier_order (id),
    line INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES product (id),
    quantity INTEGER NOT NULL,
    free_quantity INTEGER NOT NULL,
    pack_cost INTEGER,
    pack_size INTEGER NOT NULL
);
CREATE INDEX supplier_order_item_by_order_line ON supplier_order_item (order_id, line);
CREATE INDEX supplier_order_item_by_product ON supplier_order_item (product_id);

CREATE TABLE supplier_return (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    supplier_id INTEGER NOT NULL REFERENCES supplier (id),
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    reason TEXT NOT NULL,
    reference TEXT,
    credit INTEGER,
    occurred_at INTEGER NOT NULL
);

CREATE TABLE cash_session (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    series INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    opened_at INTEGER NOT NULL,
    opening_float INTEGER NOT NULL,
    closed_by_id INTEGER REFERENCES "user" (id),
    closed_at INTEGER,
    expected INTEGER,
    counted INTEGER,
    count TEXT,
    note TEXT NOT NULL
);

CREATE TABLE cash_flow (
    cash_session_id INTEGER NOT NULL REFERENCES cash_session (id),
    position INTEGER NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    amount INTEGER NOT NULL,
    reason TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (cash_session_id, position)
) WITHOUT ROWID;
CREATE INDEX cash_session_by_opened_at ON cash_session (opened_at);

CREATE TABLE expense (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    cash_session_id INTEGER REFERENCES cash_session (id),
    amount INTEGER NOT NULL,
    category TEXT NOT NULL,
    label TEXT NOT NULL,
    means TEXT NOT NULL CHECK (means IN ('cash', 'orange_money', 'mtn_momo', 'credit')),
    reference TEXT,
    occurred_at INTEGER NOT NULL
);
CREATE INDEX expense_by_cash_session ON expense (cash_session_id);
CREATE INDEX expense_by_occurred_at ON expense (occurred_at);
ALTER TABLE sale ADD COLUMN customer_id INTEGER REFERENCES customer (id);
ALTER TABLE sale ADD COLUMN cash_session_id INTEGER REFERENCES cash_session (id);
ALTER TABLE sale ADD COLUMN discount INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sale ADD COLUMN rounding INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sale_item ADD COLUMN discount INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sale_by_customer ON sale (customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE credit_payment (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    sale_id INTEGER REFERENCES sale (id),
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    cash_session_id INTEGER REFERENCES cash_session (id),
    amount INTEGER NOT NULL,
    means TEXT NOT NULL CHECK (means IN ('cash', 'orange_money', 'mtn_momo', 'credit')),
    reference TEXT,
    occurred_at INTEGER NOT NULL,
    flagged INTEGER NOT NULL
);
CREATE INDEX credit_payment_by_customer ON credit_payment (customer_id);
CREATE INDEX credit_payment_by_reference ON credit_payment (reference) WHERE reference IS NOT NULL;

CREATE TABLE sale_return (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    series INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sale_id INTEGER NOT NULL REFERENCES sale (id),
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    customer_id INTEGER REFERENCES customer (id),
    cash_session_id INTEGER REFERENCES cash_session (id),
    occurred_at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('return', 'cancellation')),
    reason TEXT NOT NULL,
    total INTEGER NOT NULL,
    chain_version INTEGER NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    flagged INTEGER NOT NULL
);

CREATE TABLE sale_return_item (
    sale_return_id INTEGER NOT NULL REFERENCES sale_return (id),
    line INTEGER NOT NULL,
    sale_line INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES product (id),
    name TEXT NOT NULL,
    unit_name TEXT NOT NULL,
    unit_count INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    disposition TEXT NOT NULL CHECK (disposition IN ('shelf', 'quarantine', 'destroyed')),
    PRIMARY KEY (sale_return_id, line)
) WITHOUT ROWID;

CREATE TABLE sale_return_payment (
    sale_return_id INTEGER NOT NULL REFERENCES sale_return (id),
    position INTEGER NOT NULL,
    means TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT,
    PRIMARY KEY (sale_return_id, position)
) WITHOUT ROWID;
CREATE INDEX sale_return_by_sale ON sale_return (sale_id);
CREATE INDEX sale_return_by_customer ON sale_return (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX sale_return_by_series_number ON sale_return (series, number);

CREATE TABLE sale_settlement (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    series INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sale_id INTEGER NOT NULL REFERENCES sale (id),
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    customer_id INTEGER REFERENCES customer (id),
    cash_session_id INTEGER REFERENCES cash_session (id),
    occurred_at INTEGER NOT NULL,
    sold_at INTEGER NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('withdrawn', 'cancelled', 'kept')),
    reason TEXT NOT NULL,
    total INTEGER NOT NULL,
    chain_version INTEGER NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    flagged INTEGER NOT NULL,
    superseded INTEGER NOT NULL
);

CREATE TABLE sale_settlement_payment (
    sale_settlement_id INTEGER NOT NULL REFERENCES sale_settlement (id),
    position INTEGER NOT NULL,
    means TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT,
    PRIMARY KEY (sale_settlement_id, position)
) WITHOUT ROWID;
CREATE INDEX sale_settlement_by_sale ON sale_settlement (sale_id);
CREATE INDEX sale_settlement_by_series_number ON sale_settlement (series, number);
ALTER TABLE stock_adjustment ADD COLUMN order_id INTEGER REFERENCES supplier_order (id);
ALTER TABLE stock_adjustment ADD COLUMN supplier_id INTEGER REFERENCES supplier (id);
ALTER TABLE stock_adjustment ADD COLUMN reference TEXT;
CREATE INDEX stock_adjustment_by_order ON stock_adjustment (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE stocktake (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    started_at INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    note TEXT NOT NULL,
    flagged INTEGER NOT NULL,
    till INTEGER,
    clock_offset INTEGER
);

CREATE TABLE stocktake_count (
    stocktake_id INTEGER NOT NULL REFERENCES stocktake (id),
    line INTEGER NOT NULL,
    batch_id INTEGER NOT NULL REFERENCES product_batch (id),
    zone TEXT NOT NULL,
    counted INTEGER NOT NULL,
    counted_at INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    complete INTEGER NOT NULL,
    PRIMARY KEY (stocktake_id, line)
) WITHOUT ROWID;
CREATE INDEX stocktake_count_by_batch ON stocktake_count (batch_id);

CREATE TABLE recall (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    product_id INTEGER NOT NULL REFERENCES product (id),
    batch_id INTEGER REFERENCES product_batch (id),
    lot_number TEXT NOT NULL,
    lot_fold TEXT NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES "user" (id),
    issued_at INTEGER NOT NULL,
    closed_at INTEGER
);
CREATE INDEX recall_by_product ON recall (product_id);

CREATE TABLE conflict (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    server_id INTEGER,
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    entity TEXT NOT NULL,
    row TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('edit', 'delete', 'twin')),
    fields TEXT NOT NULL,
    base_rev INTEGER NOT NULL,
    device TEXT NOT NULL,
    edited_by_id INTEGER REFERENCES "user" (id),
    edited_at INTEGER NOT NULL,
    hub_by_id INTEGER REFERENCES "user" (id),
    hub_at INTEGER,
    hub_device TEXT NOT NULL,
    resolved_at INTEGER,
    resolved_by_id INTEGER REFERENCES "user" (id),
    resolution TEXT
);
CREATE INDEX conflict_by_entity_row ON conflict (entity, row);
CREATE INDEX conflict_by_resolved_at ON conflict (resolved_at);

-- What an older till was not sent is read again, from the start.
UPDATE sync_state SET cursor_rev = 0, cursor_commit = NULL;
