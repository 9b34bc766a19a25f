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

-- +goose Down

DROP TABLE agent_lifts;
ALTER TABLE agent_calls DROP COLUMN mark;

DROP INDEX orders_agent;
ALTER TABLE orders DROP COLUMN tool;
ALTER TABLE orders DROP COLUMN agent;
