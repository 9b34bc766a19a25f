-- Which cases an incident of the pager is about, and what was said of incidents before that was known.

-- +goose Up

CREATE TABLE pager_incidents (
    incident_id TEXT   NOT NULL,
    dedup_key   TEXT   NOT NULL,            -- of a case; empty: it was asked about, and is about none
    learned_at  BIGINT NOT NULL DEFAULT 0,  -- when the pager was asked about the whole incident, 0 if it was not
    PRIMARY KEY (incident_id, dedup_key)
);
CREATE INDEX pager_incidents_learned ON pager_incidents (learned_at);

CREATE TABLE pager_words (
    incident_id TEXT     NOT NULL,
    event_id    TEXT     NOT NULL,
    status      TEXT     NOT NULL,
    at          BIGINT   NOT NULL,
    said_by     TEXT     NOT NULL DEFAULT '',  -- the pager's id of a user
    merged_into TEXT     NOT NULL DEFAULT '',
    reopens     SMALLINT NOT NULL DEFAULT 0,
    heard_at    BIGINT   NOT NULL,
    PRIMARY KEY (incident_id, event_id, status)
);

-- +goose Down

DROP TABLE pager_words;
DROP TABLE pager_incidents;
