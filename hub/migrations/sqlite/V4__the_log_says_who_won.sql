-- When a change was made, in the hub's time; whether its clock was to be trusted; and whether its value was written or gave
-- way before it was.
ALTER TABLE change_log ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE change_log ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;
ALTER TABLE change_log ADD COLUMN applied INTEGER NOT NULL DEFAULT 1;
UPDATE change_log SET applied = 0 WHERE kind = 'conflict';
UPDATE change_log SET at =
    (instr('0123456789abcdef', substr(hlc, 1, 1)) - 1) * 17592186044416
    + (instr('0123456789abcdef', substr(hlc, 2, 1)) - 1) * 1099511627776
    + (instr('0123456789abcdef', substr(hlc, 3, 1)) - 1) * 68719476736
    + (instr('0123456789abcdef', substr(hlc, 4, 1)) - 1) * 4294967296
    + (instr('0123456789abcdef', substr(hlc, 5, 1)) - 1) * 268435456
    + (instr('0123456789abcdef', substr(hlc, 6, 1)) - 1) * 16777216
    + (instr('0123456789abcdef', substr(hlc, 7, 1)) - 1) * 1048576
    + (instr('0123456789abcdef', substr(hlc, 8, 1)) - 1) * 65536
    + (instr('0123456789abcdef', substr(hlc, 9, 1)) - 1) * 4096
    + (instr('0123456789abcdef', substr(hlc, 10, 1)) - 1) * 256
    + (instr('0123456789abcdef', substr(hlc, 11, 1)) - 1) * 16
    + (instr('0123456789abcdef', substr(hlc, 12, 1)) - 1) * 1;
