-- What everybody's last assessment came to, and what is between where people should be and where they are. A gap is work, a
-- batch that waits for a decision, or a finding; it is never nothing. No row has a name in it.

-- +goose Up

CREATE TABLE assessed (
    person_key  TEXT   NOT NULL PRIMARY KEY,
    assessed_at BIGINT NOT NULL,
    want        TEXT   NOT NULL DEFAULT '',  -- digest of what the account should be
    verdict     TEXT   NOT NULL,
    due_at      BIGINT NOT NULL DEFAULT 0,   -- the next moment at which something happens by itself
    holding     TEXT   NOT NULL DEFAULT '',  -- what keeps the plan from being carried out: a mode, codes of notices, a line for each
    policy      TEXT   NOT NULL DEFAULT '',  -- hash of the file
    steps       TEXT   NOT NULL DEFAULT ''   -- what was to be done, a line for each
);

CREATE TABLE gaps (
    person_key TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    source     TEXT   NOT NULL DEFAULT '',  -- the HR source whose budgets it draws on
    state      TEXT   NOT NULL,             -- hint, held or found
    steps      TEXT   NOT NULL DEFAULT '',  -- what is missing or too much, a line for each
    budgets    TEXT   NOT NULL DEFAULT '',  -- the budgets that carrying it out draws on
    added_by   TEXT   NOT NULL DEFAULT '',  -- who gave what is too much, as far as the system says
    added_at   BIGINT NOT NULL DEFAULT 0,
    since      BIGINT NOT NULL,
    hint_run   TEXT   NOT NULL DEFAULT '',  -- the run of Reconcile that is to hint its person
    hinted_at  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (person_key, kind)
);
CREATE INDEX gaps_of_run ON gaps (hint_run) WHERE hint_run <> '';

CREATE TABLE reconciles (
    run         TEXT   NOT NULL PRIMARY KEY,
    whole       BIGINT NOT NULL,            -- 1 if everybody was compared
    policy      TEXT   NOT NULL,            -- the policy and its modes that people were compared by
    people      BIGINT NOT NULL DEFAULT 0,
    unread      TEXT   NOT NULL DEFAULT '', -- the sources that were not believed
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL DEFAULT 0
);

-- Until now a first reading counted from when it began. What it has written since is no change of HR's.
UPDATE sources SET baselined_at = COALESCE((SELECT MAX(r.seen_at) FROM roster r
    WHERE r.source = sources.source AND r.seen_at > sources.baselined_at), baselined_at) WHERE baselined_at <> 0;

-- +goose Down

DROP TABLE reconciles;
DROP TABLE gaps;
DROP TABLE assessed;
