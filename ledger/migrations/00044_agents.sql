-- Agents: the tokens that Gatehouse made for them, what is switched off, and every call.

-- +goose Up

CREATE TABLE agent_tokens (
    token_digest TEXT   NOT NULL PRIMARY KEY,
    agent        TEXT   NOT NULL,
    made_at      BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL DEFAULT 0,
    detail       BYTEA            -- who made it
);
CREATE INDEX agent_tokens_agent ON agent_tokens (agent, made_at);

CREATE TABLE agent_switches (
    scope  TEXT   NOT NULL PRIMARY KEY,  -- all, agent/<name>, tool/<name>
    off_at BIGINT NOT NULL,
    detail BYTEA                  -- who switched it off, and why
);

CREATE TABLE agent_calls (
    call_id     TEXT     NOT NULL PRIMARY KEY,
    agent       TEXT     NOT NULL,
    at          BIGINT   NOT NULL,
    times       BIGINT   NOT NULL DEFAULT 1,  -- more than 1: refusals at the door that say the same, within a minute
    tool        TEXT     NOT NULL,
    definition  TEXT     NOT NULL,            -- digest of what the agent was told the tool is
    arguments   TEXT     NOT NULL,            -- digest
    writes      SMALLINT NOT NULL DEFAULT 0,
    verdict     TEXT     NOT NULL,            -- allow, ask, deny
    denied_by   TEXT     NOT NULL DEFAULT '',
    rule        TEXT     NOT NULL DEFAULT '',
    policy      TEXT     NOT NULL DEFAULT '',
    request     TEXT     NOT NULL DEFAULT '',
    effect      TEXT     NOT NULL DEFAULT '',
    trace       TEXT     NOT NULL DEFAULT ''
);
CREATE INDEX agent_calls_agent ON agent_calls (agent, at);

CREATE TABLE agent_subjects (
    call_id TEXT   NOT NULL,
    agent   TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    subject TEXT   NOT NULL,                  -- the key of a person
    PRIMARY KEY (call_id, subject)
);
CREATE INDEX agent_subjects_agent ON agent_subjects (agent, at);
CREATE INDEX agent_subjects_subject ON agent_subjects (subject, at);

-- +goose Down

DROP TABLE agent_subjects;
DROP TABLE agent_calls;
DROP TABLE agent_switches;
DROP TABLE agent_tokens;
