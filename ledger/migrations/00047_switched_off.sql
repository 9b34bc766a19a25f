-- Orders say which agent has asked for them, by which tool: what is switched off is found by that.

-- +goose Up

ALTER TABLE orders ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN tool TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_agent ON orders (agent, released_at) WHERE agent <> '';

-- +goose Down

DROP INDEX orders_agent;
ALTER TABLE orders DROP COLUMN tool;
ALTER TABLE orders DROP COLUMN agent;
