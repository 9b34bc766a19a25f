-- People whom HR does not have: an HR source that the ledger itself is, and who said what about them.

-- +goose Up

CREATE TABLE sponsored (
    sponsored_id TEXT   NOT NULL PRIMARY KEY,
    starts_on    TEXT   NOT NULL,
    ends_on      TEXT   NOT NULL,
    ended_on     TEXT   NOT NULL DEFAULT '',  -- somebody has ended it before its day
    sponsor      TEXT   NOT NULL,             -- key of the person who answers for them
    heir         TEXT   NOT NULL DEFAULT '',  -- key of whoever inherits: the sponsor's manager, as last seen
    heir_at      BIGINT NOT NULL DEFAULT 0,   -- when that was last looked up
    orphaned_at  BIGINT NOT NULL DEFAULT 0,   -- since when the sponsor is gone and nobody has confirmed
    made_at      BIGINT NOT NULL,
    detail       BYTEA                        -- name, addresses, company, position, reason, who made it
);

CREATE TABLE sponsored_requests (
    request      TEXT   NOT NULL PRIMARY KEY, -- digest of the request's id
    arguments    TEXT   NOT NULL,             -- digest
    sponsored_id TEXT   NOT NULL,
    verb         TEXT   NOT NULL,             -- add, extend, end, transfer, confirm, change
    at           BIGINT NOT NULL,
    detail       BYTEA                        -- who, why, what shows that
);
CREATE INDEX sponsored_requests_of ON sponsored_requests (sponsored_id, at);

-- +goose Down

DROP TABLE sponsored_requests;
DROP TABLE sponsored;
