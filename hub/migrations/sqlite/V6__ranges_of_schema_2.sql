-- Derived from the declaration of entities, schema 2.

-- Rows hashed, by ranges of their keys: above `after`, up to `up_to`. Without a body it is being read, by whoever has
-- the ticket; whatever is written to the range meanwhile takes it away.
CREATE TABLE digest_range (
    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),
    entity TEXT NOT NULL,
    up_to INTEGER NOT NULL,
    after INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    ticket BLOB NOT NULL,
    body BLOB,
    PRIMARY KEY (pharmacy_id, entity, up_to, after)
) STRICT;

CREATE TRIGGER setting_hashed_born AFTER INSERT ON "setting" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'setting' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER setting_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "name", "value" ON "setting" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'setting' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER setting_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "setting" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER setting_hashed_gone AFTER DELETE ON "setting" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER user_hashed_born AFTER INSERT ON "user" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'user' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER user_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "login", "name", "role" ON "user" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'user' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER user_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "user" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER user_hashed_gone AFTER DELETE ON "user" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER supplier_hashed_born AFTER INSERT ON "supplier" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'supplier' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER supplier_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "name", "phone", "address" ON "supplier" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'supplier' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER supplier_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "supplier" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER supplier_hashed_gone AFTER DELETE ON "supplier" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER product_hashed_born AFTER INSERT ON "product" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'product' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER product_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "name", "dci", "form", "strength", "maker", "tax_class", "min_stock", "returnable" ON "product" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'product' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER product_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "product" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER product_hashed_gone AFTER DELETE ON "product" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER product_supplier_hashed_born AFTER INSERT ON "product_supplier" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'productSupplier' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER product_supplier_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "product_id", "supplier_id", "reference", "pack_cost", "pack_size", "preferred" ON "product_supplier" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'productSupplier' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER product_supplier_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "product_supplier" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER product_supplier_hashed_gone AFTER DELETE ON "product_supplier" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER customer_hashed_born AFTER INSERT ON "customer" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'customer' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER customer_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "name", "phone", "address", "credit_ceiling" ON "customer" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'customer' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER customer_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "customer" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER customer_hashed_gone AFTER DELETE ON "customer" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER supplier_order_hashed_born AFTER INSERT ON "supplier_order" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'supplierOrder' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER supplier_order_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "number", "supplier_id", "user_id", "ordered_at", "expected_on", "state", "note" ON "supplier_order" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'supplierOrder' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER supplier_order_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "supplier_order" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER supplier_order_hashed_gone AFTER DELETE ON "supplier_order" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER product_batch_hashed_born AFTER INSERT ON "product_batch" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'productBatch' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER product_batch_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "product_id", "lot_number", "expiry", "supplier_id", "pack_cost", "pack_size", "received_at", "blocked_reason", "recount_open", "order_id", "quarantine", "counted_at" ON "product_batch" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'productBatch' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER product_batch_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "product_batch" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER product_batch_hashed_gone AFTER DELETE ON "product_batch" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER requested_product_hashed_born AFTER INSERT ON "requested_product" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'requestedProduct' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER requested_product_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "label", "product_id", "batch_id", "quantity", "contact", "user_id", "requested_at", "state" ON "requested_product" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'requestedProduct' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER requested_product_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "requested_product" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER requested_product_hashed_gone AFTER DELETE ON "requested_product" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER supplier_order_item_hashed_born AFTER INSERT ON "supplier_order_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'supplierOrderItem' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER supplier_order_item_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "order_id", "line", "product_id", "quantity", "free_quantity", "pack_cost", "pack_size" ON "supplier_order_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'supplierOrderItem' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER supplier_order_item_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "supplier_order_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER supplier_order_item_hashed_gone AFTER DELETE ON "supplier_order_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER supplier_return_hashed_born AFTER INSERT ON "supplier_return" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'supplierReturn' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER supplier_return_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "supplier_id", "user_id", "reason", "reference", "credit", "occurred_at" ON "supplier_return" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'supplierReturn' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER supplier_return_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "supplier_return" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER supplier_return_hashed_gone AFTER DELETE ON "supplier_return" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER cash_session_hashed_born AFTER INSERT ON "cash_session" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'cashSession' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER cash_session_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "series", "user_id", "opened_at", "opening_float", "closed_by_id", "closed_at", "expected", "counted", "count", "note" ON "cash_session" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'cashSession' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER cash_session_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "cash_session" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER cash_session_hashed_gone AFTER DELETE ON "cash_session" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER expense_hashed_born AFTER INSERT ON "expense" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'expense' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER expense_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "user_id", "cash_session_id", "amount", "category", "label", "means", "reference", "occurred_at" ON "expense" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'expense' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER expense_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "expense" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER expense_hashed_gone AFTER DELETE ON "expense" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER sale_hashed_born AFTER INSERT ON "sale" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'sale' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER sale_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "series", "number", "user_id", "occurred_at", "total", "tendered", "chain_version", "previous_hash", "hash", "state", "reason_code", "reason_params", "flagged", "customer_id", "cash_session_id", "discount", "rounding" ON "sale" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'sale' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER sale_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "sale" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER sale_hashed_gone AFTER DELETE ON "sale" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER credit_payment_hashed_born AFTER INSERT ON "credit_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'creditPayment' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER credit_payment_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "customer_id", "sale_id", "user_id", "cash_session_id", "amount", "means", "reference", "occurred_at", "flagged" ON "credit_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'creditPayment' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER credit_payment_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "credit_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER credit_payment_hashed_gone AFTER DELETE ON "credit_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER sale_return_hashed_born AFTER INSERT ON "sale_return" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleReturn' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER sale_return_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "series", "number", "sale_id", "user_id", "customer_id", "cash_session_id", "occurred_at", "kind", "reason", "total", "chain_version", "previous_hash", "hash", "flagged" ON "sale_return" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleReturn' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER sale_return_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "sale_return" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER sale_return_hashed_gone AFTER DELETE ON "sale_return" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER sale_settlement_hashed_born AFTER INSERT ON "sale_settlement" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleSettlement' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER sale_settlement_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "series", "number", "sale_id", "user_id", "customer_id", "cash_session_id", "occurred_at", "sold_at", "decision", "reason", "total", "chain_version", "previous_hash", "hash", "flagged", "superseded" ON "sale_settlement" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleSettlement' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER sale_settlement_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "sale_settlement" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER sale_settlement_hashed_gone AFTER DELETE ON "sale_settlement" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER stock_adjustment_hashed_born AFTER INSERT ON "stock_adjustment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'stockAdjustment' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER stock_adjustment_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "kind", "reason", "user_id", "occurred_at", "order_id", "supplier_id", "reference" ON "stock_adjustment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'stockAdjustment' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER stock_adjustment_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "stock_adjustment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER stock_adjustment_hashed_gone AFTER DELETE ON "stock_adjustment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER stocktake_hashed_born AFTER INSERT ON "stocktake" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'stocktake' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER stocktake_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "user_id", "started_at", "occurred_at", "note", "flagged", "till", "clock_offset" ON "stocktake" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'stocktake' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER stocktake_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "stocktake" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER stocktake_hashed_gone AFTER DELETE ON "stocktake" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER recall_hashed_born AFTER INSERT ON "recall" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'recall' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER recall_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "product_id", "batch_id", "lot_number", "reason", "reference", "user_id", "issued_at", "closed_at" ON "recall" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'recall' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER recall_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "recall" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER recall_hashed_gone AFTER DELETE ON "recall" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER conflict_hashed_born AFTER INSERT ON "conflict" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'conflict' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER conflict_hashed_changed AFTER UPDATE OF "rev", "created_at", "archived_at", "entity", "row", "kind", "fields", "base_rev", "device", "edited_by_id", "edited_at", "hub_by_id", "hub_at", "hub_device", "resolved_at", "resolved_by_id", "resolution" ON "conflict" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'conflict' AND up_to >= NEW."id" AND after < NEW."id"; END;
CREATE TRIGGER conflict_hashed_renamed AFTER UPDATE OF pharmacy_id, id, uid ON "conflict" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;
CREATE TRIGGER conflict_hashed_gone AFTER DELETE ON "conflict" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id; END;

CREATE TRIGGER cash_flow_hashed_born AFTER INSERT ON "cash_flow" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'cashSession' AND up_to >= NEW."cash_session_id" AND after < NEW."cash_session_id"; END;
CREATE TRIGGER cash_flow_hashed_changed AFTER UPDATE OF pharmacy_id, "cash_session_id", "position", "direction", "amount", "reason", "user_id", "occurred_at" ON "cash_flow" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'cashSession' AND up_to >= OLD."cash_session_id" AND after < OLD."cash_session_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'cashSession' AND up_to >= NEW."cash_session_id" AND after < NEW."cash_session_id"; END;
CREATE TRIGGER cash_flow_hashed_gone AFTER DELETE ON "cash_flow" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'cashSession' AND up_to >= OLD."cash_session_id" AND after < OLD."cash_session_id"; END;

CREATE TRIGGER product_code_hashed_born AFTER INSERT ON "product_code" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'product' AND up_to >= NEW."product_id" AND after < NEW."product_id"; END;
CREATE TRIGGER product_code_hashed_changed AFTER UPDATE OF pharmacy_id, "product_id", "position", "code", "kind", "unit", "supplier_id" ON "product_code" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'product' AND up_to >= OLD."product_id" AND after < OLD."product_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'product' AND up_to >= NEW."product_id" AND after < NEW."product_id"; END;
CREATE TRIGGER product_code_hashed_gone AFTER DELETE ON "product_code" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'product' AND up_to >= OLD."product_id" AND after < OLD."product_id"; END;

CREATE TRIGGER product_unit_hashed_born AFTER INSERT ON "product_unit" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'product' AND up_to >= NEW."product_id" AND after < NEW."product_id"; END;
CREATE TRIGGER product_unit_hashed_changed AFTER UPDATE OF pharmacy_id, "product_id", "position", "name", "factor", "price" ON "product_unit" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'product' AND up_to >= OLD."product_id" AND after < OLD."product_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'product' AND up_to >= NEW."product_id" AND after < NEW."product_id"; END;
CREATE TRIGGER product_unit_hashed_gone AFTER DELETE ON "product_unit" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'product' AND up_to >= OLD."product_id" AND after < OLD."product_id"; END;

CREATE TRIGGER sale_item_hashed_born AFTER INSERT ON "sale_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'sale' AND up_to >= NEW."sale_id" AND after < NEW."sale_id"; END;
CREATE TRIGGER sale_item_hashed_changed AFTER UPDATE OF pharmacy_id, "sale_id", "line", "product_id", "name", "unit_name", "unit_count", "unit_price", "quantity", "amount", "tax_class", "in_hand", "discount" ON "sale_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'sale' AND up_to >= OLD."sale_id" AND after < OLD."sale_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'sale' AND up_to >= NEW."sale_id" AND after < NEW."sale_id"; END;
CREATE TRIGGER sale_item_hashed_gone AFTER DELETE ON "sale_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'sale' AND up_to >= OLD."sale_id" AND after < OLD."sale_id"; END;

CREATE TRIGGER sale_payment_hashed_born AFTER INSERT ON "sale_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'sale' AND up_to >= NEW."sale_id" AND after < NEW."sale_id"; END;
CREATE TRIGGER sale_payment_hashed_changed AFTER UPDATE OF pharmacy_id, "sale_id", "position", "means", "amount", "reference" ON "sale_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'sale' AND up_to >= OLD."sale_id" AND after < OLD."sale_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'sale' AND up_to >= NEW."sale_id" AND after < NEW."sale_id"; END;
CREATE TRIGGER sale_payment_hashed_gone AFTER DELETE ON "sale_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'sale' AND up_to >= OLD."sale_id" AND after < OLD."sale_id"; END;

CREATE TRIGGER sale_return_item_hashed_born AFTER INSERT ON "sale_return_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleReturn' AND up_to >= NEW."sale_return_id" AND after < NEW."sale_return_id"; END;
CREATE TRIGGER sale_return_item_hashed_changed AFTER UPDATE OF pharmacy_id, "sale_return_id", "line", "sale_line", "product_id", "name", "unit_name", "unit_count", "quantity", "amount", "disposition" ON "sale_return_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'saleReturn' AND up_to >= OLD."sale_return_id" AND after < OLD."sale_return_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleReturn' AND up_to >= NEW."sale_return_id" AND after < NEW."sale_return_id"; END;
CREATE TRIGGER sale_return_item_hashed_gone AFTER DELETE ON "sale_return_item" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'saleReturn' AND up_to >= OLD."sale_return_id" AND after < OLD."sale_return_id"; END;

CREATE TRIGGER sale_return_payment_hashed_born AFTER INSERT ON "sale_return_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleReturn' AND up_to >= NEW."sale_return_id" AND after < NEW."sale_return_id"; END;
CREATE TRIGGER sale_return_payment_hashed_changed AFTER UPDATE OF pharmacy_id, "sale_return_id", "position", "means", "amount", "reference" ON "sale_return_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'saleReturn' AND up_to >= OLD."sale_return_id" AND after < OLD."sale_return_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleReturn' AND up_to >= NEW."sale_return_id" AND after < NEW."sale_return_id"; END;
CREATE TRIGGER sale_return_payment_hashed_gone AFTER DELETE ON "sale_return_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'saleReturn' AND up_to >= OLD."sale_return_id" AND after < OLD."sale_return_id"; END;

CREATE TRIGGER sale_settlement_payment_hashed_born AFTER INSERT ON "sale_settlement_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleSettlement' AND up_to >= NEW."sale_settlement_id" AND after < NEW."sale_settlement_id"; END;
CREATE TRIGGER sale_settlement_payment_hashed_changed AFTER UPDATE OF pharmacy_id, "sale_settlement_id", "position", "means", "amount", "reference" ON "sale_settlement_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'saleSettlement' AND up_to >= OLD."sale_settlement_id" AND after < OLD."sale_settlement_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'saleSettlement' AND up_to >= NEW."sale_settlement_id" AND after < NEW."sale_settlement_id"; END;
CREATE TRIGGER sale_settlement_payment_hashed_gone AFTER DELETE ON "sale_settlement_payment" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'saleSettlement' AND up_to >= OLD."sale_settlement_id" AND after < OLD."sale_settlement_id"; END;

CREATE TRIGGER stock_movement_hashed_born AFTER INSERT ON "stock_movement" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = CASE NEW."document_kind" WHEN 4 THEN 'supplierReturn' WHEN 1 THEN 'sale' WHEN 3 THEN 'saleReturn' WHEN 6 THEN 'saleSettlement' WHEN 2 THEN 'stockAdjustment' WHEN 5 THEN 'stocktake' END AND up_to >= NEW."document_id" AND after < NEW."document_id"; END;
CREATE TRIGGER stock_movement_hashed_changed AFTER UPDATE OF pharmacy_id, "document_id", "document_kind", "line", "step", "batch_id", "delta", "source", "lot_number", "expiry", "cost", "reason" ON "stock_movement" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = CASE OLD."document_kind" WHEN 4 THEN 'supplierReturn' WHEN 1 THEN 'sale' WHEN 3 THEN 'saleReturn' WHEN 6 THEN 'saleSettlement' WHEN 2 THEN 'stockAdjustment' WHEN 5 THEN 'stocktake' END AND up_to >= OLD."document_id" AND after < OLD."document_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = CASE NEW."document_kind" WHEN 4 THEN 'supplierReturn' WHEN 1 THEN 'sale' WHEN 3 THEN 'saleReturn' WHEN 6 THEN 'saleSettlement' WHEN 2 THEN 'stockAdjustment' WHEN 5 THEN 'stocktake' END AND up_to >= NEW."document_id" AND after < NEW."document_id"; END;
CREATE TRIGGER stock_movement_hashed_gone AFTER DELETE ON "stock_movement" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = CASE OLD."document_kind" WHEN 4 THEN 'supplierReturn' WHEN 1 THEN 'sale' WHEN 3 THEN 'saleReturn' WHEN 6 THEN 'saleSettlement' WHEN 2 THEN 'stockAdjustment' WHEN 5 THEN 'stocktake' END AND up_to >= OLD."document_id" AND after < OLD."document_id"; END;

CREATE TRIGGER stocktake_count_hashed_born AFTER INSERT ON "stocktake_count" BEGIN DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'stocktake' AND up_to >= NEW."stocktake_id" AND after < NEW."stocktake_id"; END;
CREATE TRIGGER stocktake_count_hashed_changed AFTER UPDATE OF pharmacy_id, "stocktake_id", "line", "batch_id", "zone", "counted", "counted_at", "user_id", "complete" ON "stocktake_count" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'stocktake' AND up_to >= OLD."stocktake_id" AND after < OLD."stocktake_id"; DELETE FROM digest_range WHERE pharmacy_id = NEW.pharmacy_id AND entity = 'stocktake' AND up_to >= NEW."stocktake_id" AND after < NEW."stocktake_id"; END;
CREATE TRIGGER stocktake_count_hashed_gone AFTER DELETE ON "stocktake_count" BEGIN DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id AND entity = 'stocktake' AND up_to >= OLD."stocktake_id" AND after < OLD."stocktake_id"; END;
