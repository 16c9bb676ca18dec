-- A stocktake under way: it becomes a document when it is closed. One at a time, on disk at every count.

-- products: identities of those to be counted, as JSON; all of them where empty.
CREATE TABLE stocktake_draft (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, user_id INTEGER NOT NULL REFERENCES "user" (id),
  started_at INTEGER NOT NULL, note TEXT NOT NULL, products TEXT NOT NULL
);

CREATE TABLE stocktake_draft_count (
  draft_id INTEGER NOT NULL REFERENCES stocktake_draft (id) ON DELETE CASCADE,
  batch_id INTEGER NOT NULL REFERENCES product_batch (id), zone TEXT NOT NULL,
  counted INTEGER NOT NULL CHECK (counted >= 0), counted_at INTEGER NOT NULL,
  user_id INTEGER NOT NULL REFERENCES "user" (id),
  PRIMARY KEY (draft_id, batch_id, zone)
) WITHOUT ROWID;
