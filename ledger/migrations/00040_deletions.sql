-- Accounts of people who have left that were deleted, or are about to be: which account somebody had is known for good.

-- +goose Up

CREATE TABLE deletions (
    system     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    person_key TEXT   NOT NULL,
    episode    BIGINT NOT NULL,
    left_at    BIGINT NOT NULL,             -- their leave moment
    begun_at   BIGINT NOT NULL,             -- written before the system is asked
    deleted_at BIGINT NOT NULL DEFAULT 0,   -- 0: nobody knows yet that it is gone
    PRIMARY KEY (system, account_id)
);
CREATE INDEX deletions_person ON deletions (person_key);

-- +goose Down

DROP TABLE deletions;
