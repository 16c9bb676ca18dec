-- When a change was made, in the hub's time; whether its clock was to be trusted; and whether its value was written or gave
-- way before it was.
ALTER TABLE change_log ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE change_log ADD COLUMN doubtful BIGINT NOT NULL DEFAULT 0;
ALTER TABLE change_log ADD COLUMN applied BIGINT NOT NULL DEFAULT 1;
UPDATE change_log SET applied = 0 WHERE kind = 'conflict';
UPDATE change_log SET at = ('x' || substr(hlc, 1, 12))::bit(48)::bigint;
