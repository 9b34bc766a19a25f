-- What needs a person: one row for each cause, and who waits because of it. Instants are UTC microseconds with 0 for
-- "none". BYTEA columns are sealed when a key is set.

-- +goose Up

CREATE TABLE attention (
    item_id           TEXT     NOT NULL PRIMARY KEY,     -- of the fingerprint: system, class and object
    system            TEXT     NOT NULL,
    class             TEXT     NOT NULL,
    object            TEXT     NOT NULL,
    severity          SMALLINT NOT NULL,
    owner             TEXT     NOT NULL,
    says              TEXT     NOT NULL,                 -- what is wrong
    next_step         TEXT     NOT NULL,                 -- what mends it
    evidence          TEXT     NOT NULL DEFAULT '',      -- a digest of what it rests on
    by_holders        SMALLINT NOT NULL DEFAULT 0,       -- 1: closes itself when nobody waits any more
    holders           BIGINT   NOT NULL DEFAULT 0,       -- how many rows of attention_holders there are for it
    deadline          BIGINT   NOT NULL DEFAULT 0,
    raised_at         BIGINT   NOT NULL,
    renewed_at        BIGINT   NOT NULL,
    closed_at         BIGINT   NOT NULL DEFAULT 0,
    told_at           BIGINT   NOT NULL DEFAULT 0,
    overdue_told_at   BIGINT   NOT NULL DEFAULT 0,
    taken_at          BIGINT   NOT NULL DEFAULT 0,
    taken_by          BYTEA,
    accepted_at       BIGINT   NOT NULL DEFAULT 0,
    accepted_until    BIGINT   NOT NULL DEFAULT 0,
    accepted_by       BYTEA,
    accepted_reason   BYTEA,
    accepted_evidence TEXT     NOT NULL DEFAULT ''
);
CREATE INDEX attention_open ON attention (severity DESC, raised_at, item_id, accepted_until) WHERE closed_at = 0;
CREATE INDEX attention_closed ON attention (closed_at) WHERE closed_at <> 0;

CREATE TABLE attention_holders (
    workflow_id TEXT   NOT NULL,
    step        TEXT   NOT NULL,
    item_id     TEXT   NOT NULL,
    first_run   TEXT   NOT NULL,
    question    TEXT   NOT NULL DEFAULT '',              -- its name in the run
    verbs       TEXT   NOT NULL DEFAULT '',              -- the answers that it takes, with commas
    hash        TEXT   NOT NULL DEFAULT '',              -- of what is shown
    policy_hash TEXT   NOT NULL DEFAULT '',              -- of the policy that it waits because of, if it does
    since       BIGINT NOT NULL,
    parked_at   BIGINT NOT NULL DEFAULT 0,               -- when it was parked last, by its own clock
    renewed_at  BIGINT NOT NULL,
    decision_id TEXT   NOT NULL DEFAULT '',              -- the decision that is to be carried to it
    PRIMARY KEY (workflow_id, step)
);
CREATE INDEX attention_holders_item ON attention_holders (item_id, since);
CREATE INDEX attention_holders_decided ON attention_holders (decision_id, workflow_id, step) WHERE decision_id <> '';
CREATE INDEX attention_holders_renewed ON attention_holders (renewed_at);
CREATE INDEX attention_holders_policy ON attention_holders (policy_hash) WHERE policy_hash <> '';

CREATE TABLE attention_decisions (
    decision_id TEXT   NOT NULL PRIMARY KEY,
    item_id     TEXT   NOT NULL,
    verb        TEXT   NOT NULL,
    decided_by  BYTEA,
    reason      BYTEA,
    decided_at  BIGINT NOT NULL,
    holders     BIGINT NOT NULL,                         -- how many waited for it
    refused     BIGINT NOT NULL DEFAULT 0,               -- how many had gone on, or did not take it
    carried_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX attention_decisions_due ON attention_decisions (decided_at) WHERE carried_at = 0;

-- +goose Down

DROP TABLE attention_decisions;
DROP TABLE attention_holders;
DROP TABLE attention;
