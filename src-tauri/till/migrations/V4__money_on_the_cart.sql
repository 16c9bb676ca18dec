-- Discounts lie on the cart as they were given: in percent or in francs, never both.
ALTER TABLE cart ADD COLUMN discount_percent INTEGER;
ALTER TABLE cart ADD COLUMN discount_francs INTEGER;
ALTER TABLE cart_line ADD COLUMN discount_percent INTEGER;
ALTER TABLE cart_line ADD COLUMN discount_francs INTEGER;

-- Tickets refused after their drawer was closed: their money leaves the drawer that was open when that was learnt, or
-- the next one to be opened.
CREATE TABLE late_reversal (
  sale_id INTEGER PRIMARY KEY REFERENCES sale (id), cash_session_id INTEGER REFERENCES cash_session (id)
);

-- Whether an operator's reference was used before; cash has none and pays nothing for this.
CREATE INDEX sale_payment_by_reference ON sale_payment (reference) WHERE reference IS NOT NULL;
CREATE INDEX cash_session_open ON cash_session (series) WHERE closed_at IS NULL;
