-- Histories of a pharmacy: the revision shared with the history before this epoch, the first revision of this epoch, and when it
-- began. Then what a backup is known to hold: up to which revision, and when it was made.
ALTER TABLE pharmacy ADD COLUMN epoch_common BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pharmacy ADD COLUMN epoch_base BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pharmacy ADD COLUMN epoch_began BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pharmacy ADD COLUMN backup_rev BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pharmacy ADD COLUMN backup_at BIGINT;

-- The highest device sequence that was answered; when the file of a till was seen to be a copy; and which till follows which.
ALTER TABLE device ADD COLUMN last_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN quarantined_at BIGINT;
ALTER TABLE device ADD COLUMN replaces BYTEA;
ALTER TABLE device ADD COLUMN replaced_by BYTEA;
UPDATE device SET last_seq = greatest(
    coalesce((SELECT max(i.seq) FROM idempotency i WHERE i.pharmacy_id = device.pharmacy_id AND i.device_id = device.id), 0),
    coalesce((SELECT max(a.seq) FROM answered a WHERE a.pharmacy_id = device.pharmacy_id AND a.device_id = device.id), 0));

-- What a till in quarantine sends: kept as it came, once, and not applied.
CREATE TABLE quarantined_operation (
    pharmacy_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    payload_hash BYTEA NOT NULL,
    key BYTEA NOT NULL,
    payload BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, device_id, seq, payload_hash),
    FOREIGN KEY (pharmacy_id, device_id) REFERENCES device (pharmacy_id, id)
);
