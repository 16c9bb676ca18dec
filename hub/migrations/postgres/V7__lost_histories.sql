-- Every history that was lost, and not the last one alone: after which revision it parted, and before which the epoch began that
-- came after it. Revisions leap from one to the next, so that the commits tell of those lost before this was kept.
CREATE TABLE lost_history (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    base BIGINT NOT NULL,
    common BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, base)
);
INSERT INTO lost_history (pharmacy_id, base, common)
SELECT c.pharmacy_id, c.rev, c.earlier
FROM (SELECT pharmacy_id, rev, lag(rev, 1, 0) OVER (PARTITION BY pharmacy_id ORDER BY rev) AS earlier FROM commit_log) c
WHERE c.rev - c.earlier >= 4294967296;
INSERT INTO lost_history (pharmacy_id, base, common)
SELECT id, epoch_base, epoch_common FROM pharmacy WHERE epoch_base > 0
ON CONFLICT (pharmacy_id, base) DO UPDATE SET common = excluded.common;
ALTER TABLE pharmacy DROP COLUMN epoch_common;
ALTER TABLE pharmacy DROP COLUMN epoch_base;

-- What a history that was lost had itself taken back: under which revision, and with which it had been offered.
CREATE TABLE lost_return (
    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),
    rev BIGINT NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    row_id BIGINT NOT NULL,
    given BIGINT NOT NULL,
    PRIMARY KEY (pharmacy_id, rev, entity, row_id)
);
