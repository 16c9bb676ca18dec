-- What a row was called before the hub merged others into it: found by the row that is left.
CREATE INDEX uid_map_winner ON uid_map (entity, winner);

-- The clock jumped then, by itself, and no answer of the hub has said since how far it is off.
ALTER TABLE sync_state ADD COLUMN clock_jumped INTEGER;
-- Recorded between such a jump and that answer.
ALTER TABLE outbox ADD COLUMN clock_doubtful INTEGER NOT NULL DEFAULT 0;
