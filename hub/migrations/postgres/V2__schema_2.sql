-- Derived from the declaration of entities, schema 2.
ALTER TABLE product ADD COLUMN returnable BIGINT NOT NULL DEFAULT 0;

CREATE TABLE product_supplier (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    product_id BIGINT NOT NULL,
    supplier_id BIGINT NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    pack_cost BIGINT,
    pack_size BIGINT NOT NULL,
    preferred BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id)
);
CREATE INDEX product_supplier_by_rev ON product_supplier (pharmacy_id, rev);
CREATE INDEX product_supplier_by_product_supplier ON product_supplier (pharmacy_id, product_id, supplier_id);

CREATE TABLE customer (
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
    credit_ceiling BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
);
CREATE INDEX customer_by_rev ON customer (pharmacy_id, rev);
CREATE INDEX customer_by_phone ON customer (pharmacy_id, phone);

CREATE TABLE supplier_order (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    number TEXT COLLATE "C" NOT NULL,
    supplier_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    ordered_at BIGINT NOT NULL,
    expected_on BIGINT,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed', 'cancelled')),
    note TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
);
CREATE INDEX supplier_order_by_rev ON supplier_order (pharmacy_id, rev);
CREATE INDEX supplier_order_by_number ON supplier_order (pharmacy_id, number);
ALTER TABLE product_batch ADD COLUMN order_id BIGINT;
ALTER TABLE product_batch ADD FOREIGN KEY (pharmacy_id, order_id) REFERENCES supplier_order (pharmacy_id, id);
ALTER TABLE product_batch ADD COLUMN quarantine BIGINT NOT NULL DEFAULT 0;
ALTER TABLE product_batch ADD COLUMN counted_at BIGINT;
ALTER TABLE product_batch ADD COLUMN lot_fold TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE product_batch SET lot_fold = replace(replace(lower(lot_number), ' ', ''), '-', '');

CREATE TABLE requested_product (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    label TEXT COLLATE "C" NOT NULL,
    product_id BIGINT,
    batch_id BIGINT,
    quantity BIGINT NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'ordered', 'served', 'dropped')),
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, batch_id) REFERENCES product_batch (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
);
CREATE INDEX requested_product_by_rev ON requested_product (pharmacy_id, rev);

CREATE TABLE supplier_order_item (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    order_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    free_quantity BIGINT NOT NULL,
    pack_cost BIGINT,
    pack_size BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, order_id) REFERENCES supplier_order (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id)
);
CREATE INDEX supplier_order_item_by_rev ON supplier_order_item (pharmacy_id, rev);
CREATE INDEX supplier_order_item_by_order_line ON supplier_order_item (pharmacy_id, order_id, line);

CREATE TABLE supplier_return (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    supplier_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C",
    credit BIGINT,
    occurred_at BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
);
CREATE INDEX supplier_return_by_rev ON supplier_return (pharmacy_id, rev);
CREATE INDEX supplier_return_by_occurred_at ON supplier_return (pharmacy_id, occurred_at);

CREATE TABLE cash_session (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    series BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    opening_float BIGINT NOT NULL,
    closed_by_id BIGINT,
    closed_at BIGINT,
    expected BIGINT,
    counted BIGINT,
    count TEXT COLLATE "C",
    note TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, closed_by_id) REFERENCES "user" (pharmacy_id, id)
);
CREATE INDEX cash_session_by_rev ON cash_session (pharmacy_id, rev);

CREATE TABLE cash_flow (
    pharmacy_id BIGINT NOT NULL,
    cash_session_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    direction TEXT COLLATE "C" NOT NULL CHECK (direction IN ('in', 'out')),
    amount BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, cash_session_id, position),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
);

CREATE TABLE expense (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    user_id BIGINT NOT NULL,
    cash_session_id BIGINT,
    amount BIGINT NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    means TEXT COLLATE "C" NOT NULL CHECK (means IN ('cash', 'orange_money', 'mtn_momo', 'credit')),
    reference TEXT COLLATE "C",
    occurred_at BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id)
);
CREATE INDEX expense_by_rev ON expense (pharmacy_id, rev);
CREATE INDEX expense_by_reference ON expense (pharmacy_id, reference) WHERE reference IS NOT NULL;
ALTER TABLE sale ADD COLUMN customer_id BIGINT;
ALTER TABLE sale ADD FOREIGN KEY (pharmacy_id, customer_id) REFERENCES customer (pharmacy_id, id);
ALTER TABLE sale ADD COLUMN cash_session_id BIGINT;
ALTER TABLE sale ADD FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id);
ALTER TABLE sale ADD COLUMN discount BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sale ADD COLUMN rounding BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sale_item ADD COLUMN discount BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sale_by_customer ON sale (pharmacy_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX sale_by_occurred_at ON sale (pharmacy_id, occurred_at);
CREATE INDEX sale_payment_by_reference ON sale_payment (pharmacy_id, reference) WHERE reference IS NOT NULL;

CREATE TABLE credit_payment (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    customer_id BIGINT NOT NULL,
    sale_id BIGINT,
    user_id BIGINT NOT NULL,
    cash_session_id BIGINT,
    amount BIGINT NOT NULL,
    means TEXT COLLATE "C" NOT NULL CHECK (means IN ('cash', 'orange_money', 'mtn_momo', 'credit')),
    reference TEXT COLLATE "C",
    occurred_at BIGINT NOT NULL,
    flagged BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, customer_id) REFERENCES customer (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id)
);
CREATE INDEX credit_payment_by_rev ON credit_payment (pharmacy_id, rev);
CREATE INDEX credit_payment_by_customer ON credit_payment (pharmacy_id, customer_id);
CREATE INDEX credit_payment_by_reference ON credit_payment (pharmacy_id, reference) WHERE reference IS NOT NULL;

CREATE TABLE sale_return (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    series BIGINT NOT NULL,
    number BIGINT NOT NULL,
    sale_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    customer_id BIGINT,
    cash_session_id BIGINT,
    occurred_at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('return', 'cancellation')),
    reason TEXT COLLATE "C" NOT NULL,
    total BIGINT NOT NULL,
    chain_version BIGINT NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    flagged BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, customer_id) REFERENCES customer (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id)
);
CREATE INDEX sale_return_by_rev ON sale_return (pharmacy_id, rev);

CREATE TABLE sale_return_item (
    pharmacy_id BIGINT NOT NULL,
    sale_return_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    sale_line BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    unit_name TEXT COLLATE "C" NOT NULL,
    unit_count BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    disposition TEXT COLLATE "C" NOT NULL CHECK (disposition IN ('shelf', 'quarantine', 'destroyed')),
    PRIMARY KEY (pharmacy_id, sale_return_id, line),
    FOREIGN KEY (pharmacy_id, sale_return_id) REFERENCES sale_return (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id)
);

CREATE TABLE sale_return_payment (
    pharmacy_id BIGINT NOT NULL,
    sale_return_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    means TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    reference TEXT COLLATE "C",
    PRIMARY KEY (pharmacy_id, sale_return_id, position),
    FOREIGN KEY (pharmacy_id, sale_return_id) REFERENCES sale_return (pharmacy_id, id)
);
CREATE INDEX sale_return_by_sale ON sale_return (pharmacy_id, sale_id);
CREATE INDEX sale_return_by_customer ON sale_return (pharmacy_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX sale_return_by_series_number ON sale_return (pharmacy_id, series, number);
CREATE INDEX sale_return_by_occurred_at ON sale_return (pharmacy_id, occurred_at);
CREATE INDEX sale_return_payment_by_reference ON sale_return_payment (pharmacy_id, reference) WHERE reference IS NOT NULL;

CREATE TABLE sale_settlement (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    series BIGINT NOT NULL,
    number BIGINT NOT NULL,
    sale_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    customer_id BIGINT,
    cash_session_id BIGINT,
    occurred_at BIGINT NOT NULL,
    sold_at BIGINT NOT NULL,
    decision TEXT COLLATE "C" NOT NULL CHECK (decision IN ('withdrawn', 'cancelled', 'kept')),
    reason TEXT COLLATE "C" NOT NULL,
    total BIGINT NOT NULL,
    chain_version BIGINT NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    flagged BIGINT NOT NULL,
    superseded BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, customer_id) REFERENCES customer (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id)
);
CREATE INDEX sale_settlement_by_rev ON sale_settlement (pharmacy_id, rev);

CREATE TABLE sale_settlement_payment (
    pharmacy_id BIGINT NOT NULL,
    sale_settlement_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    means TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    reference TEXT COLLATE "C",
    PRIMARY KEY (pharmacy_id, sale_settlement_id, position),
    FOREIGN KEY (pharmacy_id, sale_settlement_id) REFERENCES sale_settlement (pharmacy_id, id)
);
CREATE INDEX sale_settlement_by_sale ON sale_settlement (pharmacy_id, sale_id);
CREATE INDEX sale_settlement_by_series_number ON sale_settlement (pharmacy_id, series, number);
CREATE INDEX sale_settlement_by_sold_at ON sale_settlement (pharmacy_id, sold_at);
CREATE INDEX sale_settlement_payment_by_reference ON sale_settlement_payment (pharmacy_id, reference) WHERE reference IS NOT NULL;
ALTER TABLE stock_adjustment ADD COLUMN order_id BIGINT;
ALTER TABLE stock_adjustment ADD FOREIGN KEY (pharmacy_id, order_id) REFERENCES supplier_order (pharmacy_id, id);
ALTER TABLE stock_adjustment ADD COLUMN supplier_id BIGINT;
ALTER TABLE stock_adjustment ADD FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id);
ALTER TABLE stock_adjustment ADD COLUMN reference TEXT COLLATE "C";
CREATE INDEX stock_adjustment_by_order ON stock_adjustment (pharmacy_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX stock_adjustment_by_occurred_at ON stock_adjustment (pharmacy_id, occurred_at);

CREATE TABLE stocktake (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    user_id BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    flagged BIGINT NOT NULL,
    till BIGINT,
    clock_offset BIGINT,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
);
CREATE INDEX stocktake_by_rev ON stocktake (pharmacy_id, rev);

CREATE TABLE stocktake_count (
    pharmacy_id BIGINT NOT NULL,
    stocktake_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    counted BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    complete BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, stocktake_id, line),
    FOREIGN KEY (pharmacy_id, stocktake_id) REFERENCES stocktake (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, batch_id) REFERENCES product_batch (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
);
CREATE INDEX stocktake_count_by_batch ON stocktake_count (pharmacy_id, batch_id);
CREATE INDEX stocktake_by_occurred_at ON stocktake (pharmacy_id, occurred_at);

CREATE TABLE recall (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    product_id BIGINT NOT NULL,
    batch_id BIGINT,
    lot_number TEXT COLLATE "C" NOT NULL,
    lot_fold TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, batch_id) REFERENCES product_batch (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
);
CREATE INDEX recall_by_rev ON recall (pharmacy_id, rev);

CREATE TABLE conflict (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    entity TEXT COLLATE "C" NOT NULL,
    row TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('edit', 'delete', 'twin')),
    fields TEXT COLLATE "C" NOT NULL,
    base_rev BIGINT NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    edited_by_id BIGINT,
    edited_at BIGINT NOT NULL,
    hub_by_id BIGINT,
    hub_at BIGINT,
    hub_device TEXT COLLATE "C" NOT NULL,
    resolved_at BIGINT,
    resolved_by_id BIGINT,
    resolution TEXT COLLATE "C",
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, edited_by_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, hub_by_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, resolved_by_id) REFERENCES "user" (pharmacy_id, id)
);
CREATE INDEX conflict_by_rev ON conflict (pharmacy_id, rev);
