-- What agents read: the names of roles, groups and apps, which role carries which app, when each role's members were read, the
-- group of each account, whose an event is, and the events that were read anew for somebody.

-- +goose Up

CREATE TABLE catalogs (
    system  TEXT   NOT NULL PRIMARY KEY,
    read_at BIGINT NOT NULL,
    content TEXT   NOT NULL            -- digest of all of it, to tell whether any of it is new
);

CREATE TABLE catalog_names (
    system  TEXT NOT NULL,
    kind    TEXT NOT NULL,             -- role, group or app
    item_id TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (system, kind, item_id)
);
CREATE INDEX catalog_names_name ON catalog_names (system, kind, name);

CREATE TABLE role_apps (
    system  TEXT NOT NULL,
    role_id TEXT NOT NULL,
    app_id  TEXT NOT NULL,
    PRIMARY KEY (system, role_id, app_id)
);
CREATE INDEX role_apps_app ON role_apps (system, app_id);

CREATE TABLE role_reads (
    system  TEXT   NOT NULL,
    role_id TEXT   NOT NULL,
    role    TEXT   NOT NULL,           -- what it was called then: account_roles knows its members by this name
    read_at BIGINT NOT NULL,           -- from when all of its members were read
    PRIMARY KEY (system, role_id)
);

ALTER TABLE accounts ADD COLUMN group_id BIGINT NOT NULL DEFAULT -1;  -- 0: none, -1: not read since the column is there
CREATE INDEX accounts_group ON accounts (system, group_id) WHERE group_id > 0;
CREATE INDEX accounts_ungrouped ON accounts (system) WHERE group_id < 0;

ALTER TABLE events ADD COLUMN user_id BIGINT NOT NULL DEFAULT -1;     -- 0: nobody, -1: stored before the column was there
ALTER TABLE events ADD COLUMN app_id BIGINT NOT NULL DEFAULT -1;
CREATE INDEX events_user ON events (user_id, at);
CREATE INDEX events_app ON events (app_id, at) WHERE app_id > 0;

-- Events that were read anew. They are no part of events: what a rule counts is judged when the watch reads it.
CREATE TABLE events_read (
    event_id BIGINT NOT NULL PRIMARY KEY,
    type_id  BIGINT NOT NULL,
    user_id  BIGINT NOT NULL,
    app_id   BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    read_at  BIGINT NOT NULL,
    detail   BYTEA
);
CREATE INDEX events_read_user ON events_read (user_id, at) WHERE user_id > 0;
CREATE INDEX events_read_app ON events_read (app_id, at) WHERE app_id > 0;
CREATE INDEX events_read_read ON events_read (read_at);

CREATE TABLE event_reads (
    subject  TEXT     NOT NULL PRIMARY KEY,  -- user/<id> or app/<id>
    since    BIGINT   NOT NULL,
    until    BIGINT   NOT NULL,
    read_at  BIGINT   NOT NULL,
    complete SMALLINT NOT NULL               -- all that there were in that time
);

-- +goose Down

DROP TABLE event_reads;
DROP TABLE events_read;
DROP INDEX events_app;
DROP INDEX events_user;
ALTER TABLE events DROP COLUMN app_id;
ALTER TABLE events DROP COLUMN user_id;
DROP INDEX accounts_ungrouped;
DROP INDEX accounts_group;
ALTER TABLE accounts DROP COLUMN group_id;
DROP TABLE role_reads;
DROP TABLE role_apps;
DROP TABLE catalog_names;
DROP TABLE catalogs;
