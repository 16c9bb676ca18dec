-- A walk of everything the hub has, under way: where it is moves in the transaction that stores what it passes.
-- first: nothing was here before it; until its end the hub says what a lot holds and what a customer owes.
-- schema: of the till's tables when it began: under another one it begins again.
-- stage: 0 what selling needs, 1 what is left, 2 the pull that follows, 3 quantities become the sums of their movements.
CREATE TABLE walk (
  id INTEGER PRIMARY KEY CHECK (id = 1), first INTEGER NOT NULL, schema INTEGER NOT NULL, stage INTEGER NOT NULL,
  position TEXT, noted INTEGER NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL
);

-- What lots held and customers owed as of a revision of the hub, while documents are missing here.
CREATE TABLE walk_stood (uid BLOB PRIMARY KEY, rev INTEGER NOT NULL, stood INTEGER NOT NULL) WITHOUT ROWID;

-- The rows that a walk over what was here already has met, by local key.
CREATE TABLE walk_seen (
  entity TEXT NOT NULL, row_id INTEGER NOT NULL, PRIMARY KEY (entity, row_id)
) WITHOUT ROWID;

-- Rows that name one which is not here: they wait for it, and say so.
CREATE TABLE row_aside (
  entity TEXT NOT NULL, uid BLOB NOT NULL, rev INTEGER NOT NULL, body TEXT NOT NULL, missing_entity TEXT NOT NULL,
  missing_uid BLOB NOT NULL, PRIMARY KEY (entity, uid)
) WITHOUT ROWID;
