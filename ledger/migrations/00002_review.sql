-- What an access review has collected. A campaign is filled step by step, frozen, and never changed after that.

-- +goose Up

CREATE TABLE campaigns (
    campaign    TEXT   NOT NULL PRIMARY KEY,
    started_at  BIGINT NOT NULL,
    frozen_at   BIGINT NOT NULL DEFAULT 0,
    finished_at BIGINT NOT NULL DEFAULT 0,
    pruned_at   BIGINT NOT NULL DEFAULT 0,
    policy_hash TEXT   NOT NULL DEFAULT '',
    counts      TEXT   NOT NULL DEFAULT ''   -- the headline numbers as JSON, without a name in them
);

CREATE TABLE review_steps (
    campaign TEXT     NOT NULL,
    step     TEXT     NOT NULL,
    place    TEXT     NOT NULL,              -- where the step goes on
    done     SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, step)
);

CREATE TABLE review_users (
    campaign   TEXT     NOT NULL,
    user_id    BIGINT   NOT NULL,
    included   SMALLINT NOT NULL,            -- 0: cannot come to sign in, so not under review
    status     SMALLINT NOT NULL,
    group_id   BIGINT   NOT NULL,
    manager_id BIGINT   NOT NULL,
    last_login BIGINT   NOT NULL,
    created_at BIGINT   NOT NULL,
    sealed     BYTEA,
    PRIMARY KEY (campaign, user_id)
);
CREATE INDEX review_users_manager ON review_users (campaign, manager_id, user_id);

-- Roles, apps and groups by their id, and which role carries which app.
CREATE TABLE review_names (
    campaign TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    id       BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    PRIMARY KEY (campaign, kind, id)
);

CREATE TABLE review_role_apps (
    campaign TEXT   NOT NULL,
    role_id  BIGINT NOT NULL,
    app_id   BIGINT NOT NULL,
    PRIMARY KEY (campaign, role_id, app_id)
);

CREATE TABLE review_members (
    campaign TEXT   NOT NULL,
    user_id  BIGINT NOT NULL,
    role_id  BIGINT NOT NULL,
    added_at BIGINT NOT NULL,                -- 0: OneLogin did not say
    added_by BIGINT NOT NULL,
    PRIMARY KEY (campaign, user_id, role_id)
);

CREATE TABLE review_verdicts (
    campaign   TEXT   NOT NULL,
    user_id    BIGINT NOT NULL,
    person_key TEXT   NOT NULL,
    hr         TEXT   NOT NULL,
    mfa        TEXT   NOT NULL,
    protected  TEXT   NOT NULL,
    PRIMARY KEY (campaign, user_id)
);

CREATE TABLE review_findings (
    campaign TEXT     NOT NULL,
    severity SMALLINT NOT NULL,
    kind     TEXT     NOT NULL,
    user_id  BIGINT   NOT NULL,
    item     TEXT     NOT NULL,              -- tells several of one kind about one account apart
    sealed   BYTEA,
    PRIMARY KEY (campaign, severity, kind, user_id, item)
);
CREATE INDEX review_findings_user ON review_findings (campaign, user_id);

CREATE TABLE review_tabs (
    campaign  TEXT   NOT NULL,
    title     TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    sheet_id  BIGINT NOT NULL,
    first_row BIGINT NOT NULL,               -- the first row of the stage that stands in this tab, from 0
    row_count BIGINT NOT NULL,
    ordinal   BIGINT NOT NULL,
    PRIMARY KEY (campaign, title)
);

-- Accounts are matched with people by the employee id that they carry.
CREATE INDEX links_employee ON links (employee_id);

-- +goose Down

DROP INDEX links_employee;
DROP TABLE review_tabs;
DROP TABLE review_findings;
DROP TABLE review_verdicts;
DROP TABLE review_members;
DROP TABLE review_role_apps;
DROP TABLE review_names;
DROP TABLE review_users;
DROP TABLE review_steps;
DROP TABLE campaigns;
