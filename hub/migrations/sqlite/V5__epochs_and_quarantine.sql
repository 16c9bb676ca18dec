-- Histories of a pharmacy: the revision shared with the history before this epoch, the first revision of this epoch, and when it
-- began. Then what a backup is known to hold: up to which revision, and when it was made.
ALTER TABLE pharmacy ADD COLUMN epoch_common INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pharmacy ADD COLUMN epoch_base INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pharmacy ADD COLUMN epoch_began INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pharmacy ADD COLUMN backup_rev INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pharmacy ADD COLUMN backup_at INTEGER;

-- The highest device sequence that was answered; when the file of a till was seen to be a copy; and which till follows which.
ALTER TABLE device ADD COLUMN last_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN quarantined_at INTEGER;
ALTER TABLE device ADD COLUMN replaces BLOB;
ALTER TABLE device ADD COLUMN replaced_by BLOB;
UPDATE device SET last_seq = max(
    coalesce((SELECT max(i.seq) FROM idempotency i WHERE i.pharmacy_id = device.pharmacy_id AND i.device_id = device.id), 0),
    coalesce((SELECT max(a.seq) FROM answered a WHERE a.pharmacy_id = device.pharmacy_id AND a.device_id = device.id), 0));

-- What a till in quarantine sends: kept as it came, once, and not applied.
CREATE TABLE quarantined_operation (
    pharmacy_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    payload_hash BLOB NOT NULL,
    key BLOB NOT NULL,
    payload BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (pharmacy_id, device_id, seq, payload_hash),
    FOREIGN KEY (pharmacy_id, device_id) REFERENCES device (pharmacy_id, id)
) STRICT;
