-- Whether the clock jumped is asked for every operation: it stands in the row that every act reads anyway.
ALTER TABLE till_state ADD COLUMN clock_jumped INTEGER;
UPDATE till_state SET clock_jumped = (SELECT clock_jumped FROM sync_state);
ALTER TABLE sync_state DROP COLUMN clock_jumped;
