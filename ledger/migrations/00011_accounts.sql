-- The inventory: every account, whoever's it is. What was flagged per person moves to the account it was done to.

-- +goose Up

CREATE TABLE accounts (
    system          TEXT     NOT NULL,
    account_id      TEXT     NOT NULL,
    person_key      TEXT     NOT NULL DEFAULT '',         -- as it was linked: a forwarded key stands for another
    state           TEXT     NOT NULL DEFAULT 'unowned',  -- linked, candidate, unowned, refused or disputed
    kind            TEXT     NOT NULL DEFAULT 'unknown',  -- person, service, shared, break_glass or unknown
    used_as         TEXT     NOT NULL DEFAULT '',         -- primary, admin, secondary or nothing
    detail          BYTEA,                                -- owner, purpose, who decided
    ends_at         BIGINT   NOT NULL DEFAULT 0,
    matched_by      TEXT     NOT NULL DEFAULT '',
    matched_at      BIGINT   NOT NULL DEFAULT 0,
    external_digest TEXT     NOT NULL DEFAULT '',
    email_digest    TEXT     NOT NULL DEFAULT '',
    username_digest TEXT     NOT NULL DEFAULT '',
    name_digest     TEXT     NOT NULL DEFAULT '',
    directory_id    BIGINT   NOT NULL DEFAULT 0,
    trusted_idp     BIGINT   NOT NULL DEFAULT 0,
    status          BIGINT   NOT NULL DEFAULT 0,
    created_by_us   SMALLINT NOT NULL DEFAULT 0,
    suspended_by_us SMALLINT NOT NULL DEFAULT 0,
    suspended_for   TEXT     NOT NULL DEFAULT '',         -- the suspend order, '' for a departure
    locked_for      TEXT     NOT NULL DEFAULT '',         -- the lock order whose lock may still be on
    contained_at    BIGINT   NOT NULL DEFAULT 0,
    contained_in    TEXT     NOT NULL DEFAULT '',         -- '<person>/<episode>' of that; it counts in no other episode
    last_login      BIGINT   NOT NULL DEFAULT 0,
    observed_at     BIGINT   NOT NULL DEFAULT 0,          -- when what is here was asked for; 0: never read
    missing_since   BIGINT   NOT NULL DEFAULT 0,          -- when a complete sweep first did not see it
    content         TEXT     NOT NULL DEFAULT '',         -- digest of what was read, to tell what has changed
    document        BYTEA,
    PRIMARY KEY (system, account_id)
);
CREATE INDEX accounts_person ON accounts (person_key) WHERE person_key <> '';
CREATE INDEX accounts_external ON accounts (external_digest) WHERE external_digest <> '';
CREATE INDEX accounts_email ON accounts (email_digest) WHERE email_digest <> '';
CREATE INDEX accounts_username ON accounts (username_digest) WHERE username_digest <> '';
CREATE INDEX accounts_name ON accounts (name_digest) WHERE name_digest <> '';

CREATE TABLE account_roles (
    system     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    added_by   TEXT   NOT NULL DEFAULT '',  -- the account of who gave it, '' if the system did not say
    added_at   BIGINT NOT NULL DEFAULT 0,
    seen_at    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (system, account_id, role)
);
CREATE INDEX account_roles_role ON account_roles (system, role);

CREATE TABLE account_refusals (
    system     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    person_key TEXT   NOT NULL,
    evidence   TEXT   NOT NULL,             -- digest of what was shown: the refusal lapses when that changes
    decided_by BYTEA,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (system, account_id, person_key)
);

CREATE TABLE account_sweeps (
    system      TEXT     NOT NULL,
    sweep       TEXT     NOT NULL,
    kind        TEXT     NOT NULL,              -- full, changes or roles
    since       BIGINT   NOT NULL DEFAULT 0,    -- of changes: from when
    started_at  BIGINT   NOT NULL,
    finished_at BIGINT   NOT NULL DEFAULT 0,
    complete    SMALLINT NOT NULL DEFAULT 0,    -- everybody there was has been seen
    seen        BIGINT   NOT NULL DEFAULT 0,
    total       BIGINT   NOT NULL DEFAULT 0,    -- as the system counts
    place       TEXT     NOT NULL DEFAULT '',   -- where it goes on
    PRIMARY KEY (system, sweep)
);
CREATE INDEX account_sweeps_done ON account_sweeps (system, kind, started_at) WHERE complete = 1;

-- Who was seen by a sweep that is under way, a page in a row.
CREATE TABLE account_pages (
    system TEXT   NOT NULL,
    sweep  TEXT   NOT NULL,
    page   BIGINT NOT NULL,
    ids    TEXT   NOT NULL,
    PRIMARY KEY (system, sweep, page)
);

-- The rules by which a system itself changes accounts, in the order in which they run.
CREATE TABLE account_mappings (
    system     TEXT   NOT NULL,
    mapping_id TEXT   NOT NULL,
    position   BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    document   BYTEA,
    PRIMARY KEY (system, mapping_id)
);

-- A person without records is called after the account: whose it is, nobody knows.
INSERT INTO accounts (system, account_id, person_key, state, kind, used_as, created_by_us, suspended_by_us, suspended_for,
    locked_for, contained_at, contained_in)
SELECT 'onelogin', CAST(account_id AS TEXT), person_key, 'linked',
    CASE WHEN person_key LIKE 'onelogin-%' THEN 'unknown' ELSE 'person' END, 'primary', account_created, suspended_by_us,
    suspended_for, locked_for, contained_at,
    CASE WHEN contained_at = 0 THEN '' ELSE person_key || '/' || CAST(episode AS TEXT) END
FROM people WHERE account_id <> 0 ORDER BY forward, person_key
ON CONFLICT (system, account_id) DO NOTHING;

ALTER TABLE people DROP COLUMN suspended_by_us;
ALTER TABLE people DROP COLUMN suspended_for;
ALTER TABLE people DROP COLUMN locked_for;
ALTER TABLE people DROP COLUMN contained_at;

-- +goose Down

ALTER TABLE people ADD COLUMN contained_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN locked_for TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN suspended_for TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN suspended_by_us SMALLINT NOT NULL DEFAULT 0;
UPDATE people SET
    suspended_by_us = COALESCE((SELECT a.suspended_by_us FROM accounts a
        WHERE a.system = 'onelogin' AND a.account_id = CAST(people.account_id AS TEXT)), 0),
    suspended_for = COALESCE((SELECT a.suspended_for FROM accounts a
        WHERE a.system = 'onelogin' AND a.account_id = CAST(people.account_id AS TEXT)), ''),
    locked_for = COALESCE((SELECT a.locked_for FROM accounts a
        WHERE a.system = 'onelogin' AND a.account_id = CAST(people.account_id AS TEXT)), ''),
    contained_at = COALESCE((SELECT a.contained_at FROM accounts a
        WHERE a.system = 'onelogin' AND a.account_id = CAST(people.account_id AS TEXT)
        AND a.contained_in = people.person_key || '/' || CAST(people.episode AS TEXT)), 0)
WHERE account_id <> 0;
DROP TABLE account_mappings;
DROP TABLE account_pages;
DROP TABLE account_sweeps;
DROP TABLE account_refusals;
DROP TABLE account_roles;
DROP TABLE accounts;
