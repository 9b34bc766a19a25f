-- What a safety budget keeps back stays back until a person decides: it is never released by time.

-- +goose Up

CREATE TABLE held (
    budget      TEXT   NOT NULL,
    reserve_key TEXT   NOT NULL,             -- as in reservations, and never in both
    hold_id     TEXT   NOT NULL DEFAULT '',  -- the batch it is decided with, '' if it stands alone
    held_at     BIGINT NOT NULL,
    PRIMARY KEY (budget, reserve_key)
);
CREATE INDEX held_hold ON held (hold_id) WHERE hold_id <> '';

CREATE TABLE holds (
    hold_id       TEXT   NOT NULL PRIMARY KEY,  -- <source>/<kind>
    source        TEXT   NOT NULL,
    kind          TEXT   NOT NULL,              -- the kind of change: leaver
    hash          TEXT   NOT NULL,              -- of the list, which is what a decision is bound to
    people        BIGINT NOT NULL,
    used          BIGINT NOT NULL,              -- of the budget, when it last refused
    allowed       BIGINT NOT NULL,
    since         BIGINT NOT NULL,
    rejected_hash TEXT   NOT NULL DEFAULT '',   -- the list that a person rejected last
    rejected_at   BIGINT NOT NULL DEFAULT 0,
    rejected_by   BYTEA
);

ALTER TABLE staged DROP COLUMN held_by;

-- +goose Down

ALTER TABLE staged ADD COLUMN held_by TEXT NOT NULL DEFAULT '';

DROP TABLE holds;
DROP TABLE held;
