-- The till's last own sale, which every view of the cart shows: no scan finds it, no index is paid for it.
ALTER TABLE till_state ADD COLUMN last_sale INTEGER REFERENCES sale (id);
UPDATE till_state SET last_sale = (SELECT max(s.id) FROM sale s WHERE s.series = till_state.series);

-- Between which sales, by local key, lie those of a drawer of this till. A drawer that is not here is looked for in all.
CREATE TABLE drawer_span (
  cash_session_id INTEGER PRIMARY KEY REFERENCES cash_session (id), after_sale INTEGER NOT NULL, last_sale INTEGER
);

-- Rows that are few beside the tickets, and found by their drawer or by an operator's reference.
CREATE INDEX sale_return_by_cash_session ON sale_return (cash_session_id) WHERE cash_session_id IS NOT NULL;
CREATE INDEX credit_payment_by_cash_session ON credit_payment (cash_session_id) WHERE cash_session_id IS NOT NULL;
CREATE INDEX late_reversal_by_cash_session ON late_reversal (cash_session_id);
CREATE INDEX expense_by_reference ON expense (reference) WHERE reference IS NOT NULL;
