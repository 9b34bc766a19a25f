-- The systems beside OneLogin: what their accounts hold, what Gatehouse did to them, what things there are called, and what could
-- not be carried out so far.

-- +goose Up

CREATE TABLE system_accounts (
    system      TEXT     NOT NULL,
    account_id  TEXT     NOT NULL,
    container   TEXT     NOT NULL DEFAULT '',   -- where it is in the system's tree
    manager     TEXT     NOT NULL DEFAULT '',   -- the account of the manager there
    read_at     BIGINT   NOT NULL DEFAULT 0,    -- when those two were asked for
    holds       TEXT     NOT NULL DEFAULT '',   -- ids of what it holds by kind, with tombstones, as JSON
    ours        TEXT     NOT NULL DEFAULT '',   -- what Gatehouse gave, takes, wrote (as digests) and carried out, as JSON
    due_at      BIGINT   NOT NULL DEFAULT 0,    -- when the next tombstone is due, 0 if there is none
    unconfirmed SMALLINT NOT NULL DEFAULT 0,    -- 1: something was not shown, which no reading of the account has confirmed
    news        SMALLINT NOT NULL DEFAULT 0,    -- 1: it has changed, which its person was not told
    PRIMARY KEY (system, account_id)
);
CREATE INDEX system_accounts_due ON system_accounts (system, due_at) WHERE due_at <> 0;
CREATE INDEX system_accounts_unconfirmed ON system_accounts (system) WHERE unconfirmed = 1;
CREATE INDEX system_accounts_news ON system_accounts (system) WHERE news = 1;

CREATE TABLE system_objects (
    system    TEXT NOT NULL,
    kind      TEXT NOT NULL,   -- group, role, licence, container or profile
    object_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    PRIMARY KEY (system, kind, object_id)
);

CREATE INDEX system_objects_id ON system_objects (system, object_id);

CREATE TABLE system_catalogs (
    system  TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    read_at BIGINT NOT NULL,
    content TEXT   NOT NULL,   -- digest of what was read, to tell what has changed
    PRIMARY KEY (system, kind)
);

-- Who is in which group, by a sweep that is under way.
CREATE TABLE system_members (
    system   TEXT   NOT NULL,
    sweep    TEXT   NOT NULL,
    group_id TEXT   NOT NULL,
    accounts TEXT   NOT NULL,  -- a line each
    PRIMARY KEY (system, sweep, group_id)
);

CREATE TABLE system_debts (
    system     TEXT     NOT NULL,
    person_key TEXT     NOT NULL,
    account_id TEXT     NOT NULL,   -- '' for one that has to be made
    step       TEXT     NOT NULL,
    episode    BIGINT   NOT NULL DEFAULT 0,
    since      BIGINT   NOT NULL,
    why        TEXT     NOT NULL DEFAULT '',
    leaving    SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (system, person_key, account_id, step)
);
CREATE INDEX system_debts_person ON system_debts (person_key);

-- +goose Down

DROP TABLE system_debts;
DROP TABLE system_members;
DROP TABLE system_catalogs;
DROP TABLE system_objects;
DROP TABLE system_accounts;
