-- Who has a second factor, and the one grace clock of everybody who has none. Instants are UTC microseconds with 0 for
-- "none". BYTEA columns are sealed when a key is set.

-- +goose Up

CREATE TABLE mfa_state (
    account_id         BIGINT   NOT NULL PRIMARY KEY,
    person_key         TEXT     NOT NULL,
    username           BYTEA,
    active             SMALLINT NOT NULL DEFAULT 0,   -- the account can sign in
    factor             TEXT     NOT NULL,             -- unknown, none or some
    source             TEXT     NOT NULL DEFAULT '',  -- who read it: scan, event or check
    checked_at         BIGINT   NOT NULL DEFAULT 0,
    risk               BIGINT   NOT NULL DEFAULT 0,
    clock              BIGINT   NOT NULL DEFAULT 0,   -- how many grace clocks were started so far
    noncompliant_since BIGINT   NOT NULL DEFAULT 0,   -- when the clock that runs was started
    observed           SMALLINT NOT NULL DEFAULT 0,   -- the clock that runs was started while nobody was told
    extended_until     BIGINT   NOT NULL DEFAULT 0,
    exempt_until       BIGINT   NOT NULL DEFAULT 0,
    stage              TEXT     NOT NULL DEFAULT '',
    stage_at           BIGINT   NOT NULL DEFAULT 0,
    reminders          BIGINT   NOT NULL DEFAULT 0,
    deadline_at        BIGINT   NOT NULL DEFAULT 0,   -- for the tracking sheet; policy decides
    row_number         BIGINT   NOT NULL DEFAULT 0,   -- in the tracking sheet, given once
    due_in             TEXT     NOT NULL DEFAULT '',  -- the scan that has yet to look at the account
    due_why            TEXT     NOT NULL DEFAULT ''
);
CREATE INDEX mfa_state_person ON mfa_state (person_key);
CREATE INDEX mfa_state_due ON mfa_state (due_in, account_id) WHERE due_in <> '';
CREATE INDEX mfa_state_open ON mfa_state (account_id) WHERE noncompliant_since <> 0;
CREATE UNIQUE INDEX mfa_state_row ON mfa_state (row_number) WHERE row_number <> 0;

CREATE TABLE mfa_scans (
    scan        TEXT   NOT NULL PRIMARY KEY,
    since       BIGINT NOT NULL DEFAULT 0,   -- the start of the scan before; 0 for one that reads everybody
    started_at  BIGINT NOT NULL,
    staged_at   BIGINT NOT NULL DEFAULT 0,   -- when it was known whom to look at
    finished_at BIGINT NOT NULL DEFAULT 0,
    events      BIGINT NOT NULL DEFAULT 0,
    checked     BIGINT NOT NULL DEFAULT 0
);

-- +goose Down

DROP TABLE mfa_scans;
DROP TABLE mfa_state;
