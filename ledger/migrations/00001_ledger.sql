-- One schema for both engines. SQLite keeps any declared type; BYTEA, BIGINT and SMALLINT are PostgreSQL's names.
-- Instants are UTC microseconds with 0 for "none". BYTEA columns are sealed when a key is set.

-- +goose Up

CREATE TABLE people (
    person_key      TEXT     NOT NULL PRIMARY KEY,
    episode         BIGINT   NOT NULL DEFAULT 0,  -- 0: employment not yet known
    employed        SMALLINT NOT NULL DEFAULT 0,
    ever_employed   SMALLINT NOT NULL DEFAULT 0,
    account_id      BIGINT   NOT NULL DEFAULT 0,
    account_created SMALLINT NOT NULL DEFAULT 0,
    suspended_by_us SMALLINT NOT NULL DEFAULT 0,
    contained_at    BIGINT   NOT NULL DEFAULT 0,
    first_seen      BIGINT   NOT NULL,
    forward         TEXT     NOT NULL DEFAULT ''  -- the key that stands for this human now
);
CREATE UNIQUE INDEX people_account ON people (account_id) WHERE account_id <> 0 AND forward = '';
CREATE INDEX people_forward ON people (forward) WHERE forward <> '';

CREATE TABLE links (
    source            TEXT   NOT NULL,
    employee_id       TEXT   NOT NULL,
    person_key        TEXT   NOT NULL,
    first_seen        BIGINT NOT NULL,
    leaver_first_seen BIGINT NOT NULL DEFAULT 0,
    decided_by        BYTEA,
    work_digest       TEXT   NOT NULL DEFAULT '',
    personal_digest   TEXT   NOT NULL DEFAULT '',
    name_digest       TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (source, employee_id)
);
CREATE INDEX links_person ON links (person_key);
CREATE INDEX links_work ON links (work_digest) WHERE work_digest <> '';
CREATE INDEX links_personal ON links (personal_digest) WHERE personal_digest <> '';

CREATE TABLE separations (
    source      TEXT   NOT NULL,
    employee_id TEXT   NOT NULL,
    other_key   TEXT   NOT NULL,
    decided_by  BYTEA,
    decided_at  BIGINT NOT NULL,
    PRIMARY KEY (source, employee_id, other_key)
);

CREATE TABLE usernames (
    digest      TEXT   NOT NULL PRIMARY KEY,
    person_key  TEXT   NOT NULL,
    reserved_at BIGINT NOT NULL
);

CREATE TABLE orders (
    order_id    TEXT   NOT NULL PRIMARY KEY,
    person_key  TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    group_name  TEXT   NOT NULL DEFAULT '',
    detail      BYTEA,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL DEFAULT 0,
    released_at BIGINT NOT NULL DEFAULT 0,
    release_detail BYTEA
);
CREATE INDEX orders_open ON orders (person_key) WHERE released_at = 0;

CREATE TABLE reservations (
    budget      TEXT     NOT NULL,
    reserve_key TEXT     NOT NULL,
    reserved_at BIGINT   NOT NULL,
    overridden  SMALLINT NOT NULL DEFAULT 0,
    reserved_by BYTEA,
    PRIMARY KEY (budget, reserve_key)
);
CREATE INDEX reservations_window ON reservations (budget, reserved_at);

CREATE TABLE claims (
    claim_key  TEXT     NOT NULL PRIMARY KEY,
    done       SMALLINT NOT NULL DEFAULT 0,
    result     BYTEA,
    attempts   BIGINT   NOT NULL DEFAULT 1,
    claimed_at BIGINT   NOT NULL,
    done_at    BIGINT   NOT NULL DEFAULT 0
);

CREATE TABLE evidence (
    evidence_key TEXT   NOT NULL PRIMARY KEY,
    person_key   TEXT   NOT NULL,
    episode      BIGINT NOT NULL,
    step         TEXT   NOT NULL,
    template     TEXT   NOT NULL,
    run_id       TEXT   NOT NULL,
    policy_hash  TEXT   NOT NULL,
    detail       BYTEA,
    state_before BYTEA,
    state_after  BYTEA,
    started_at   BIGINT NOT NULL,
    finished_at  BIGINT NOT NULL
);
CREATE INDEX evidence_person ON evidence (person_key, started_at);

CREATE TABLE roster (
    source      TEXT     NOT NULL,
    employee_id TEXT     NOT NULL,
    digest      TEXT     NOT NULL,
    active      SMALLINT NOT NULL,
    seen_at     BIGINT   NOT NULL,
    sealed      BYTEA,
    PRIMARY KEY (source, employee_id)
);
CREATE INDEX roster_active ON roster (source) WHERE active = 1;

CREATE TABLE sources (
    source            TEXT   NOT NULL PRIMARY KEY,
    cursor_position   TEXT   NOT NULL DEFAULT '',
    baselined_at      BIGINT NOT NULL DEFAULT 0,
    synced_at         BIGINT NOT NULL DEFAULT 0,
    quarantined_at    BIGINT NOT NULL DEFAULT 0,
    quarantine_reason TEXT   NOT NULL DEFAULT '',
    last_size         BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE staged (
    batch       TEXT     NOT NULL,
    source      TEXT     NOT NULL,
    employee_id TEXT     NOT NULL,
    person_key  TEXT     NOT NULL,
    kind        TEXT     NOT NULL,
    digest      TEXT     NOT NULL,
    active      SMALLINT NOT NULL,
    held_by     TEXT     NOT NULL DEFAULT '',
    staged_at   BIGINT   NOT NULL,
    hinted_at   BIGINT   NOT NULL DEFAULT 0,
    dropped_at  BIGINT   NOT NULL DEFAULT 0,
    sealed      BYTEA,
    PRIMARY KEY (batch, source, employee_id)
);
CREATE INDEX staged_waiting ON staged (batch, employee_id) WHERE hinted_at = 0 AND dropped_at = 0;

CREATE TABLE leases (
    resource   TEXT   NOT NULL,
    holder     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (resource, holder)
);

-- +goose Down

DROP TABLE leases;
DROP TABLE staged;
DROP TABLE sources;
DROP TABLE roster;
DROP TABLE evidence;
DROP TABLE claims;
DROP TABLE reservations;
DROP TABLE orders;
DROP TABLE usernames;
DROP TABLE separations;
DROP TABLE links;
DROP TABLE people;
