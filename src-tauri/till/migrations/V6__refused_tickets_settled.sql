-- What becomes of a refused ticket is a document of its own now (sale_settlement): its money is posted there.
DROP TABLE late_reversal;

-- Tickets whose paper waits for the hub's verdict. A ticket that is not here is printed.
CREATE TABLE waiting_paper (sale_id INTEGER PRIMARY KEY REFERENCES sale (id));

-- Rows that are few beside the tickets, and found by their drawer.
CREATE INDEX sale_settlement_by_cash_session ON sale_settlement (cash_session_id) WHERE cash_session_id IS NOT NULL;
-- Refused tickets are few: whoever asks which of them wait reads no other.
CREATE INDEX sale_refused ON sale (id) WHERE state = 'reversed';
