-- Integer keys inside, 16-byte uids outside. Few indexes: each one is paid for by every sale.

CREATE TABLE setting (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, server_id INTEGER, rev INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, archived_at INTEGER,
  name TEXT NOT NULL, value TEXT NOT NULL
);
CREATE INDEX setting_name ON setting (name);

CREATE TABLE "user" (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, server_id INTEGER, rev INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, archived_at INTEGER,
  login TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, pin_hash TEXT NOT NULL,
  failed_pins INTEGER NOT NULL DEFAULT 0, locked_until INTEGER
);
CREATE INDEX user_login ON "user" (login);

CREATE TABLE supplier (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, server_id INTEGER, rev INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, archived_at INTEGER,
  name TEXT NOT NULL, name_fold TEXT NOT NULL, phone TEXT NOT NULL, address TEXT NOT NULL
);
CREATE INDEX supplier_name ON supplier (name_fold);

CREATE TABLE product (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, server_id INTEGER, rev INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, archived_at INTEGER,
  name TEXT NOT NULL, name_fold TEXT NOT NULL, dci TEXT NOT NULL, form TEXT NOT NULL, strength TEXT NOT NULL,
  maker TEXT NOT NULL, tax_class TEXT NOT NULL, min_stock INTEGER NOT NULL
);
CREATE INDEX product_name ON product (name_fold);

CREATE TABLE product_unit (
  product_id INTEGER NOT NULL REFERENCES product (id), position INTEGER NOT NULL,
  name TEXT NOT NULL, factor INTEGER NOT NULL CHECK (factor > 0), price INTEGER CHECK (price >= 0),
  PRIMARY KEY (product_id, position)
) WITHOUT ROWID;

CREATE TABLE product_code (
  product_id INTEGER NOT NULL REFERENCES product (id), position INTEGER NOT NULL,
  code TEXT NOT NULL, kind TEXT NOT NULL, unit INTEGER NOT NULL, supplier_id INTEGER REFERENCES supplier (id),
  PRIMARY KEY (product_id, position)
) WITHOUT ROWID;
CREATE INDEX product_code_code ON product_code (code);

-- No CHECK on quantity: a till may learn late that a lot was oversold, and then it says so.
CREATE TABLE product_batch (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, server_id INTEGER, rev INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, archived_at INTEGER,
  product_id INTEGER NOT NULL REFERENCES product (id), lot_number TEXT NOT NULL, expiry INTEGER,
  supplier_id INTEGER REFERENCES supplier (id), pack_cost INTEGER, pack_size INTEGER NOT NULL,
  received_at INTEGER NOT NULL, blocked_reason TEXT, recount_open INTEGER NOT NULL DEFAULT 0,
  quantity INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX product_batch_product ON product_batch (product_id);

CREATE TABLE stock_adjustment (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, server_id INTEGER, rev INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, archived_at INTEGER,
  kind TEXT NOT NULL, reason TEXT NOT NULL, user_id INTEGER REFERENCES "user" (id), occurred_at INTEGER NOT NULL
);

CREATE TABLE sale (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, server_id INTEGER, rev INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, archived_at INTEGER,
  series INTEGER NOT NULL, number INTEGER NOT NULL, user_id INTEGER NOT NULL REFERENCES "user" (id),
  occurred_at INTEGER NOT NULL, total INTEGER NOT NULL, tendered INTEGER NOT NULL,
  chain_version INTEGER NOT NULL, previous_hash BLOB NOT NULL, hash BLOB NOT NULL,
  state TEXT NOT NULL, reason_code TEXT, reason_params TEXT, flagged INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE sale_item (
  sale_id INTEGER NOT NULL REFERENCES sale (id), line INTEGER NOT NULL,
  product_id INTEGER NOT NULL REFERENCES product (id), name TEXT NOT NULL, unit_name TEXT NOT NULL,
  unit_count INTEGER NOT NULL, unit_price INTEGER NOT NULL, quantity INTEGER NOT NULL, amount INTEGER NOT NULL,
  tax_class TEXT NOT NULL, in_hand INTEGER NOT NULL,
  PRIMARY KEY (sale_id, line)
) WITHOUT ROWID;

CREATE TABLE sale_payment (
  sale_id INTEGER NOT NULL REFERENCES sale (id), position INTEGER NOT NULL,
  means TEXT NOT NULL, amount INTEGER NOT NULL, reference TEXT,
  PRIMARY KEY (sale_id, position)
) WITHOUT ROWID;

-- The ledger. document_kind: 1 sale, 2 stock adjustment. A lot's quantity is the sum of its deltas.
CREATE TABLE stock_movement (
  document_kind INTEGER NOT NULL, document_id INTEGER NOT NULL, line INTEGER NOT NULL, step INTEGER NOT NULL,
  batch_id INTEGER NOT NULL REFERENCES product_batch (id), delta INTEGER NOT NULL, source TEXT NOT NULL,
  lot_number TEXT NOT NULL, expiry INTEGER, cost INTEGER, reason TEXT,
  PRIMARY KEY (document_kind, document_id, line, step, batch_id)
) WITHOUT ROWID;

-- Infrastructure ------------------------------------------------------------------------------------------------

-- state: 0 waiting, 1 sent, 2 deferred, 3 blocked, 4 refused and to be decided, 5 settled
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY, "key" BLOB NOT NULL, entity TEXT NOT NULL, action TEXT NOT NULL, uid BLOB NOT NULL,
  occurred_at INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt INTEGER, settled_at INTEGER, problem TEXT, payload BLOB NOT NULL
);
CREATE INDEX outbox_open ON outbox (uid, state) WHERE state <> 5;

-- Everything that a recorded act changes beside its own rows: one row, one page.
CREATE TABLE till_state (
  id INTEGER PRIMARY KEY CHECK (id = 1), series INTEGER NOT NULL, last_number INTEGER NOT NULL,
  last_hash BLOB NOT NULL, last_seq INTEGER NOT NULL, hlc_millis INTEGER NOT NULL, hlc_counter INTEGER NOT NULL
);
INSERT INTO till_state VALUES (1, 0, 0, zeroblob(32), 0, 0, 0);

CREATE TABLE sync_state (
  id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, cursor_rev INTEGER NOT NULL, cursor_commit BLOB,
  acknowledged INTEGER NOT NULL, hub_revision INTEGER NOT NULL, last_success INTEGER, clock_offset INTEGER,
  settled_day INTEGER NOT NULL, settled_count INTEGER NOT NULL
);
INSERT INTO sync_state VALUES (1, 0, 0, NULL, 0, 0, NULL, NULL, 0, 0);

CREATE TABLE sync_run (
  id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, "trigger" TEXT NOT NULL, report TEXT NOT NULL
);

CREATE TABLE change_log (
  id INTEGER PRIMARY KEY, rev INTEGER NOT NULL, entity TEXT NOT NULL, uid BLOB NOT NULL, field TEXT NOT NULL,
  old TEXT, new TEXT, device BLOB, user BLOB, hlc TEXT NOT NULL, kind TEXT NOT NULL, strategy TEXT
);
CREATE INDEX change_log_row ON change_log (uid);

-- Other names of a row: what the hub merged.
CREATE TABLE uid_map (
  entity TEXT NOT NULL, uid BLOB NOT NULL, winner BLOB NOT NULL, PRIMARY KEY (entity, uid)
) WITHOUT ROWID;

-- What the hub sent of rows that an operation of ours still waits for: applied once it is settled.
CREATE TABLE held_row (
  entity TEXT NOT NULL, uid BLOB NOT NULL, rev INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (entity, uid)
) WITHOUT ROWID;

CREATE TABLE cart (
  id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, user_id INTEGER NOT NULL REFERENCES "user" (id),
  opened_at INTEGER NOT NULL, held_at INTEGER, current_line INTEGER, returned_sale INTEGER REFERENCES sale (id),
  returned_after INTEGER
);

CREATE TABLE cart_line (
  cart_id INTEGER NOT NULL REFERENCES cart (id) ON DELETE CASCADE, line INTEGER NOT NULL,
  product_id INTEGER NOT NULL REFERENCES product (id), unit INTEGER NOT NULL, count INTEGER NOT NULL,
  in_hand INTEGER NOT NULL DEFAULT 0, batch_id INTEGER REFERENCES product_batch (id), source TEXT, reason TEXT,
  refused_available INTEGER,
  PRIMARY KEY (cart_id, line)
) WITHOUT ROWID;

CREATE TABLE local_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
