-- Which policy each process has in force and which one it has refused; what somebody has accepted; who waits for another
-- policy; what we gave and for which position.

-- +goose Up

CREATE TABLE policies (
    program     TEXT     NOT NULL PRIMARY KEY,  -- the process: host and number
    hash        TEXT     NOT NULL,
    taken_at    BIGINT   NOT NULL,
    seen_at     BIGINT   NOT NULL,
    refused     TEXT     NOT NULL DEFAULT '',   -- why the file is not in force: invalid, gone or weaker; '' if it is
    refused_hash TEXT    NOT NULL DEFAULT '',
    refused_at  BIGINT   NOT NULL DEFAULT 0,
    detail      BYTEA                           -- sealed: what is wrong with the file
);

CREATE TABLE policy_accepts (
    hash        TEXT     NOT NULL PRIMARY KEY,
    accepted_at BIGINT   NOT NULL,
    detail      BYTEA                           -- sealed: by whom and why
);

CREATE TABLE policy_waits (
    person_key  TEXT     NOT NULL PRIMARY KEY,
    hash        TEXT     NOT NULL,              -- the policy that could not decide
    code        TEXT     NOT NULL,
    since       BIGINT   NOT NULL
);

CREATE TABLE given_roles (
    system      TEXT     NOT NULL,
    account_id  TEXT     NOT NULL,
    role        TEXT     NOT NULL,
    person_key  TEXT     NOT NULL,
    episode     BIGINT   NOT NULL,
    given_at    BIGINT   NOT NULL,
    PRIMARY KEY (system, account_id, role)
);

CREATE TABLE positions (
    person_key  TEXT     NOT NULL PRIMARY KEY,
    digest      TEXT     NOT NULL,              -- of the position for which access was last brought in step
    noted_at    BIGINT   NOT NULL
);

-- +goose Down

DROP TABLE positions;
DROP TABLE given_roles;
DROP TABLE policy_waits;
DROP TABLE policy_accepts;
DROP TABLE policies;
