-- Decisions made here that do not stand, of which somebody was told.
CREATE TABLE forestalled_told (sale_settlement_id INTEGER PRIMARY KEY REFERENCES sale_settlement (id));
