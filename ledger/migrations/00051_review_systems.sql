-- What an access review has collected of the systems beside OneLogin.

-- +goose Up

CREATE TABLE review_systems (
    campaign TEXT     NOT NULL,
    system   TEXT     NOT NULL,
    read_at  BIGINT   NOT NULL,              -- when the last reading began that showed all of it, 0: none did
    max_age  BIGINT   NOT NULL,              -- in microseconds
    stale    SMALLINT NOT NULL,              -- 1: it was not read in time
    excluded BIGINT   NOT NULL,              -- accounts that cannot sign in, so not under review
    PRIMARY KEY (campaign, system)
);

CREATE TABLE review_accounts (
    campaign   TEXT     NOT NULL,
    system     TEXT     NOT NULL,
    account_id TEXT     NOT NULL,
    person_key TEXT     NOT NULL,
    hr         TEXT     NOT NULL,
    owner      TEXT     NOT NULL,            -- the address of whoever reviews the account instead of a manager
    manager_id BIGINT   NOT NULL,            -- the manager's account in OneLogin, 0: nobody knows
    lead       BIGINT   NOT NULL,            -- the person's own account in OneLogin, 0: nobody knows
    status     SMALLINT NOT NULL,
    last_login BIGINT   NOT NULL,
    row_count  BIGINT   NOT NULL,            -- how many rows of the sheet it has
    sealed     BYTEA,
    PRIMARY KEY (campaign, system, account_id)
);
CREATE INDEX review_accounts_order ON review_accounts (campaign, manager_id, person_key, system, account_id);

-- What is found in a system beside OneLogin has the user 0.
ALTER TABLE review_findings ADD COLUMN system TEXT NOT NULL DEFAULT '';
ALTER TABLE review_findings ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
CREATE INDEX review_findings_account ON review_findings (campaign, system, account_id) WHERE system <> '';

-- +goose Down

DROP INDEX review_findings_account;
ALTER TABLE review_findings DROP COLUMN account_id;
ALTER TABLE review_findings DROP COLUMN system;
DROP TABLE review_accounts;
DROP TABLE review_systems;
