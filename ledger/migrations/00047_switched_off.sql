-- Orders say which agent has asked for them, by which tool: what is switched off is found by that.

-- +goose Up

ALTER TABLE orders ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN tool TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_agent ON orders (agent, released_at) WHERE agent <> '';

-- What is suspicious about a refused call: canary, protected. Refusals of before an agent was let go on do not count again.
ALTER TABLE agent_calls ADD COLUMN mark TEXT NOT NULL DEFAULT '';

CREATE TABLE agent_lifts (
    agent     TEXT   NOT NULL PRIMARY KEY,
    lifted_at BIGINT NOT NULL
);

-- Whether an agent is still needed, as its owner was asked in an access review.
CREATE TABLE agent_reviews (
    campaign    TEXT   NOT NULL,
    agent       TEXT   NOT NULL,
    asked_at    BIGINT NOT NULL,
    answered_at BIGINT NOT NULL DEFAULT 0,
    verdict     TEXT   NOT NULL DEFAULT '',  -- keep, revoke
    detail      BYTEA,                       -- who has answered, and why
    PRIMARY KEY (campaign, agent)
);

-- +goose Down

DROP TABLE agent_reviews;
DROP TABLE agent_lifts;
ALTER TABLE agent_calls DROP COLUMN mark;

DROP INDEX orders_agent;
ALTER TABLE orders DROP COLUMN tool;
ALTER TABLE orders DROP COLUMN agent;
