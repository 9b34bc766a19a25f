-- Requests of agents: kept for good, so that an id stands for one request whatever happens.

-- +goose Up

CREATE TABLE agent_requests (
    request_id TEXT   NOT NULL PRIMARY KEY,  -- agent-request/<agent>/<digest of the agent's own id>
    agent      TEXT   NOT NULL,
    tool       TEXT   NOT NULL,
    arguments  TEXT   NOT NULL,              -- digest
    subject    TEXT   NOT NULL DEFAULT '',   -- the key of a person
    filed_at   BIGINT NOT NULL,
    state      TEXT   NOT NULL,              -- filed, waiting, working, done, and what else it ends as
    changed_at BIGINT NOT NULL,
    over       SMALLINT NOT NULL DEFAULT 0,
    detail     BYTEA,                        -- what was asked for, and why
    outcome    BYTEA                         -- who decided, what was planned, and what came of it
);
CREATE INDEX agent_requests_agent ON agent_requests (agent, filed_at);
CREATE INDEX agent_requests_open ON agent_requests (over, changed_at);
CREATE INDEX agent_requests_subject ON agent_requests (subject, filed_at);

-- When HR last changed an address of the record, 0 if never since the record was first seen.
ALTER TABLE links ADD COLUMN addresses_since BIGINT NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE links DROP COLUMN addresses_since;
DROP TABLE agent_requests;
