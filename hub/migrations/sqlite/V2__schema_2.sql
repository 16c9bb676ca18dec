-- Derived from the declaration of entities, schema 2.
ALTER TABLE product ADD COLUMN returnable INTEGER NOT NULL DEFAULT 0;

CREATE TABLE product_supplier (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    product_id INTEGER NOT NULL,
    supplier_id INTEGER NOT NULL,
    reference TEXT NOT NULL,
    pack_cost INTEGER,
    pack_size INTEGER NOT NULL,
    preferred INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX product_supplier_by_rev ON product_supplier (pharmacy_id, rev);
CREATE INDEX product_supplier_by_product_supplier ON product_supplier (pharmacy_id, product_id, supplier_id);

CREATE TABLE customer (
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
    credit_ceiling INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_by_rev ON customer (pharmacy_id, rev);
CREATE INDEX customer_by_phone ON customer (pharmacy_id, phone);

CREATE TABLE supplier_order (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    number TEXT NOT NULL,
    supplier_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    ordered_at INTEGER NOT NULL,
    expected_on INTEGER,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'cancelled')),
    note TEXT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX supplier_order_by_rev ON supplier_order (pharmacy_id, rev);
CREATE INDEX supplier_order_by_number ON supplier_order (pharmacy_id, number);
ALTER TABLE product_batch ADD COLUMN order_id INTEGER;
CREATE TRIGGER product_batch_order_id_born BEFORE INSERT ON product_batch WHEN NEW.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM supplier_order p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.order_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
CREATE TRIGGER product_batch_order_id_changed BEFORE UPDATE OF order_id ON product_batch WHEN NEW.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM supplier_order p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.order_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
ALTER TABLE product_batch ADD COLUMN quarantine INTEGER NOT NULL DEFAULT 0;
ALTER TABLE product_batch ADD COLUMN counted_at INTEGER;
ALTER TABLE product_batch ADD COLUMN lot_fold TEXT NOT NULL DEFAULT '';
UPDATE product_batch SET lot_fold = replace(replace(lower(lot_number), ' ', ''), '-', '');

CREATE TABLE requested_product (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    label TEXT NOT NULL,
    product_id INTEGER,
    batch_id INTEGER,
    quantity INTEGER NOT NULL,
    contact TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    requested_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'ordered', 'served', 'dropped')),
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, batch_id) REFERENCES product_batch (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX requested_product_by_rev ON requested_product (pharmacy_id, rev);

CREATE TABLE supplier_order_item (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    order_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    free_quantity INTEGER NOT NULL,
    pack_cost INTEGER,
    pack_size INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, order_id) REFERENCES supplier_order (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX supplier_order_item_by_rev ON supplier_order_item (pharmacy_id, rev);
CREATE INDEX supplier_order_item_by_order_line ON supplier_order_item (pharmacy_id, order_id, line);

CREATE TABLE supplier_return (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    supplier_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT,
    credit INTEGER,
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, supplier_id) REFERENCES supplier (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX supplier_return_by_rev ON supplier_return (pharmacy_id, rev);
CREATE INDEX supplier_return_by_occurred_at ON supplier_return (pharmacy_id, occurred_at);

CREATE TABLE cash_session (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    series INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    opening_float INTEGER NOT NULL,
    closed_by_id INTEGER,
    closed_at INTEGER,
    expected INTEGER,
    counted INTEGER,
    count TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, closed_by_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cash_session_by_rev ON cash_session (pharmacy_id, rev);

CREATE TABLE cash_flow (
    pharmacy_id INTEGER NOT NULL,
    cash_session_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    amount INTEGER NOT NULL,
    reason TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, cash_session_id, position),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE expense (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    user_id INTEGER NOT NULL,
    cash_session_id INTEGER,
    amount INTEGER NOT NULL,
    category TEXT NOT NULL,
    label TEXT NOT NULL,
    means TEXT NOT NULL CHECK (means IN ('cash', 'orange_money', 'mtn_momo', 'credit')),
    reference TEXT,
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX expense_by_rev ON expense (pharmacy_id, rev);
CREATE INDEX expense_by_reference ON expense (pharmacy_id, reference) WHERE reference IS NOT NULL;
ALTER TABLE sale ADD COLUMN customer_id INTEGER;
CREATE TRIGGER sale_customer_id_born BEFORE INSERT ON sale WHEN NEW.customer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM customer p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.customer_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
CREATE TRIGGER sale_customer_id_changed BEFORE UPDATE OF customer_id ON sale WHEN NEW.customer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM customer p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.customer_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
ALTER TABLE sale ADD COLUMN cash_session_id INTEGER;
CREATE TRIGGER sale_cash_session_id_born BEFORE INSERT ON sale WHEN NEW.cash_session_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cash_session p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.cash_session_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
CREATE TRIGGER sale_cash_session_id_changed BEFORE UPDATE OF cash_session_id ON sale WHEN NEW.cash_session_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cash_session p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.cash_session_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
ALTER TABLE sale ADD COLUMN discount INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sale ADD COLUMN rounding INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sale_item ADD COLUMN discount INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sale_by_customer ON sale (pharmacy_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX sale_by_occurred_at ON sale (pharmacy_id, occurred_at);
CREATE INDEX sale_payment_by_reference ON sale_payment (pharmacy_id, reference) WHERE reference IS NOT NULL;

CREATE TABLE credit_payment (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    customer_id INTEGER NOT NULL,
    sale_id INTEGER,
    user_id INTEGER NOT NULL,
    cash_session_id INTEGER,
    amount INTEGER NOT NULL,
    means TEXT NOT NULL CHECK (means IN ('cash', 'orange_money', 'mtn_momo', 'credit')),
    reference TEXT,
    occurred_at INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, customer_id) REFERENCES customer (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX credit_payment_by_rev ON credit_payment (pharmacy_id, rev);
CREATE INDEX credit_payment_by_customer ON credit_payment (pharmacy_id, customer_id);
CREATE INDEX credit_payment_by_reference ON credit_payment (pharmacy_id, reference) WHERE reference IS NOT NULL;

CREATE TABLE sale_return (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    series INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sale_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    customer_id INTEGER,
    cash_session_id INTEGER,
    occurred_at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('return', 'cancellation')),
    reason TEXT NOT NULL,
    total INTEGER NOT NULL,
    chain_version INTEGER NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    flagged INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, customer_id) REFERENCES customer (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_return_by_rev ON sale_return (pharmacy_id, rev);

CREATE TABLE sale_return_item (
    pharmacy_id INTEGER NOT NULL,
    sale_return_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    sale_line INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    unit_name TEXT NOT NULL,
    unit_count INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    disposition TEXT NOT NULL CHECK (disposition IN ('shelf', 'quarantine', 'destroyed')),
    PRIMARY KEY (pharmacy_id, sale_return_id, line),
    FOREIGN KEY (pharmacy_id, sale_return_id) REFERENCES sale_return (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale_return_payment (
    pharmacy_id INTEGER NOT NULL,
    sale_return_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    means TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT,
    PRIMARY KEY (pharmacy_id, sale_return_id, position),
    FOREIGN KEY (pharmacy_id, sale_return_id) REFERENCES sale_return (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_return_by_sale ON sale_return (pharmacy_id, sale_id);
CREATE INDEX sale_return_by_customer ON sale_return (pharmacy_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX sale_return_by_series_number ON sale_return (pharmacy_id, series, number);
CREATE INDEX sale_return_by_occurred_at ON sale_return (pharmacy_id, occurred_at);
CREATE INDEX sale_return_payment_by_reference ON sale_return_payment (pharmacy_id, reference) WHERE reference IS NOT NULL;

CREATE TABLE sale_settlement (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    series INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sale_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    customer_id INTEGER,
    cash_session_id INTEGER,
    occurred_at INTEGER NOT NULL,
    sold_at INTEGER NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('withdrawn', 'cancelled', 'kept')),
    reason TEXT NOT NULL,
    total INTEGER NOT NULL,
    chain_version INTEGER NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    flagged INTEGER NOT NULL,
    superseded INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, sale_id) REFERENCES sale (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, customer_id) REFERENCES customer (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, cash_session_id) REFERENCES cash_session (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_settlement_by_rev ON sale_settlement (pharmacy_id, rev);

CREATE TABLE sale_settlement_payment (
    pharmacy_id INTEGER NOT NULL,
    sale_settlement_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    means TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT,
    PRIMARY KEY (pharmacy_id, sale_settlement_id, position),
    FOREIGN KEY (pharmacy_id, sale_settlement_id) REFERENCES sale_settlement (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_settlement_by_sale ON sale_settlement (pharmacy_id, sale_id);
CREATE INDEX sale_settlement_by_series_number ON sale_settlement (pharmacy_id, series, number);
CREATE INDEX sale_settlement_by_sold_at ON sale_settlement (pharmacy_id, sold_at);
CREATE INDEX sale_settlement_payment_by_reference ON sale_settlement_payment (pharmacy_id, reference) WHERE reference IS NOT NULL;
ALTER TABLE stock_adjustment ADD COLUMN order_id INTEGER;
CREATE TRIGGER stock_adjustment_order_id_born BEFORE INSERT ON stock_adjustment WHEN NEW.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM supplier_order p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.order_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
CREATE TRIGGER stock_adjustment_order_id_changed BEFORE UPDATE OF order_id ON stock_adjustment WHEN NEW.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM supplier_order p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.order_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
ALTER TABLE stock_adjustment ADD COLUMN supplier_id INTEGER;
CREATE TRIGGER stock_adjustment_supplier_id_born BEFORE INSERT ON stock_adjustment WHEN NEW.supplier_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM supplier p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.supplier_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
CREATE TRIGGER stock_adjustment_supplier_id_changed BEFORE UPDATE OF supplier_id ON stock_adjustment WHEN NEW.supplier_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM supplier p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.supplier_id)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;
ALTER TABLE stock_adjustment ADD COLUMN reference TEXT;
CREATE INDEX stock_adjustment_by_order ON stock_adjustment (pharmacy_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX stock_adjustment_by_occurred_at ON stock_adjustment (pharmacy_id, occurred_at);

CREATE TABLE stocktake (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    user_id INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    note TEXT NOT NULL,
    flagged INTEGER NOT NULL,
    till INTEGER,
    clock_offset INTEGER,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stocktake_by_rev ON stocktake (pharmacy_id, rev);

CREATE TABLE stocktake_count (
    pharmacy_id INTEGER NOT NULL,
    stocktake_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    zone TEXT NOT NULL,
    counted INTEGER NOT NULL,
    counted_at INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, stocktake_id, line),
    FOREIGN KEY (pharmacy_id, stocktake_id) REFERENCES stocktake (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, batch_id) REFERENCES product_batch (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stocktake_count_by_batch ON stocktake_count (pharmacy_id, batch_id);
CREATE INDEX stocktake_by_occurred_at ON stocktake (pharmacy_id, occurred_at);

CREATE TABLE recall (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    product_id INTEGER NOT NULL,
    batch_id INTEGER,
    lot_number TEXT NOT NULL,
    lot_fold TEXT NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    closed_at INTEGER,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, product_id) REFERENCES product (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, batch_id) REFERENCES product_batch (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, user_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX recall_by_rev ON recall (pharmacy_id, rev);

CREATE TABLE conflict (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    rev INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    entity TEXT NOT NULL,
    row TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('edit', 'delete', 'twin')),
    fields TEXT NOT NULL,
    base_rev INTEGER NOT NULL,
    device TEXT NOT NULL,
    edited_by_id INTEGER,
    edited_at INTEGER NOT NULL,
    hub_by_id INTEGER,
    hub_at INTEGER,
    hub_device TEXT NOT NULL,
    resolved_at INTEGER,
    resolved_by_id INTEGER,
    resolution TEXT,
    PRIMARY KEY (pharmacy_id, id),
    UNIQUE (pharmacy_id, uid),
    FOREIGN KEY (pharmacy_id, edited_by_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, hub_by_id) REFERENCES "user" (pharmacy_id, id),
    FOREIGN KEY (pharmacy_id, resolved_by_id) REFERENCES "user" (pharmacy_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX conflict_by_rev ON conflict (pharmacy_id, rev);
