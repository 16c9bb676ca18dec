-- What is left of an answer once it is pruned: that its sequence was used, by which content, and how that ended.
CREATE TABLE answered (
    pharmacy_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    short_hash BYTEA NOT NULL,
    accepted BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, device_id, seq),
    FOREIGN KEY (pharmacy_id, device_id) REFERENCES device (pharmacy_id, id)
);

-- A sequence is used once, whatever its key.
CREATE INDEX idempotency_by_seq ON idempotency (pharmacy_id, device_id, seq);

-- Who wrote a field of a row last.
CREATE INDEX change_log_by_row ON change_log (pharmacy_id, entity, row_id, rev);
