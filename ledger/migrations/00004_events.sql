-- Events of OneLogin, what the rules found in them, and the cases that follow.

-- +goose Up

CREATE TABLE events (
    event_id BIGINT NOT NULL PRIMARY KEY,
    type_id  BIGINT NOT NULL,
    at       BIGINT NOT NULL,  -- when it happened
    seen_at  BIGINT NOT NULL,  -- when it was read
    detail   BYTEA
);
CREATE INDEX events_at ON events (at);

CREATE TABLE event_cursors (
    name      TEXT   NOT NULL PRIMARY KEY,
    newest_at BIGINT NOT NULL DEFAULT 0,  -- the latest event read, in event time
    polled_at BIGINT NOT NULL DEFAULT 0,
    reread_at BIGINT NOT NULL DEFAULT 0   -- the last wide re-read
);

CREATE TABLE event_matches (
    rule     TEXT     NOT NULL,
    subject  TEXT     NOT NULL,
    event_id BIGINT   NOT NULL,
    at       BIGINT   NOT NULL,
    fresh    SMALLINT NOT NULL DEFAULT 1,  -- 1: not yet evaluated
    place    BYTEA,                        -- where it happened, for rules that ask
    PRIMARY KEY (rule, subject, at, event_id)
);
CREATE INDEX event_matches_fresh ON event_matches (rule, subject, at) WHERE fresh = 1;
CREATE INDEX event_matches_at ON event_matches (at, event_id);

CREATE TABLE cases (
    rule        TEXT     NOT NULL,
    subject     TEXT     NOT NULL,
    number      BIGINT   NOT NULL,
    dedup_key   TEXT     NOT NULL,
    first_event BIGINT   NOT NULL,
    first_at    BIGINT   NOT NULL,
    last_event  BIGINT   NOT NULL,
    last_at     BIGINT   NOT NULL,
    events      BIGINT   NOT NULL,
    opened_at   BIGINT   NOT NULL,
    changed_at  BIGINT   NOT NULL,
    revision    BIGINT   NOT NULL DEFAULT 1,
    told        BIGINT   NOT NULL DEFAULT 0,   -- the revision that its run has been told of
    status      TEXT     NOT NULL DEFAULT 'open',
    status_at   BIGINT   NOT NULL DEFAULT 0,
    merged_into BIGINT   NOT NULL DEFAULT 0,   -- the case it turned out to be part of
    ticket      TEXT     NOT NULL DEFAULT '',
    shown       BIGINT   NOT NULL DEFAULT 0,   -- the revision that its ticket shows
    answered    TEXT     NOT NULL DEFAULT '',  -- the responses that were given or decided about
    PRIMARY KEY (rule, subject, number)
);
CREATE UNIQUE INDEX cases_dedup ON cases (dedup_key);
CREATE INDEX cases_untold ON cases (rule, subject, number) WHERE told < revision;
CREATE INDEX cases_last ON cases (last_at);

-- +goose Down

DROP TABLE cases;
DROP TABLE event_matches;
DROP TABLE event_cursors;
DROP TABLE events;
