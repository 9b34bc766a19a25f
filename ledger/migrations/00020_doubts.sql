-- What the roster remembers of a record's columns, as short keyed digests of the values, so that a column that lost its
-- values, values that moved to other rows and records that came back under other ids can be told. And what a reading of
-- a source could not be believed in: what that holds back, and who has accepted it.

-- +goose Up

ALTER TABLE roster ADD COLUMN traits TEXT NOT NULL DEFAULT '';
ALTER TABLE staged ADD COLUMN traits TEXT NOT NULL DEFAULT '';

CREATE TABLE source_doubts (
    source      TEXT     NOT NULL,
    kind        TEXT     NOT NULL,
    code        TEXT     NOT NULL,             -- of what was shown: an answer is to this, and to nothing else
    why         TEXT     NOT NULL DEFAULT '',
    columns     TEXT     NOT NULL DEFAULT '',
    records     BIGINT   NOT NULL DEFAULT 0,
    first_at    BIGINT   NOT NULL,
    last_at     BIGINT   NOT NULL,
    accepted_at BIGINT   NOT NULL DEFAULT 0,
    accepted_by BYTEA,
    PRIMARY KEY (source, kind, code)
);

-- +goose Down

DROP TABLE source_doubts;
ALTER TABLE staged DROP COLUMN traits;
ALTER TABLE roster DROP COLUMN traits;
