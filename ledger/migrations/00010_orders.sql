-- Suspend and grant orders. Lists of role names are JSON.

-- +goose Up

ALTER TABLE orders ADD COLUMN roles TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN given_roles TEXT NOT NULL DEFAULT '';   -- what a grant has added to the account
ALTER TABLE orders ADD COLUMN settled_at BIGINT NOT NULL DEFAULT 0;   -- when an ended grant's roles were taken back
CREATE INDEX orders_unsettled ON orders (person_key) WHERE kind = 'grant' AND settled_at = 0;
ALTER TABLE people ADD COLUMN suspended_for TEXT NOT NULL DEFAULT ''; -- the suspend order, '' for a departure
ALTER TABLE people ADD COLUMN locked_for TEXT NOT NULL DEFAULT '';    -- the lock order whose lock may still be on

-- +goose Down

ALTER TABLE people DROP COLUMN locked_for;
ALTER TABLE people DROP COLUMN suspended_for;
DROP INDEX orders_unsettled;
ALTER TABLE orders DROP COLUMN settled_at;
ALTER TABLE orders DROP COLUMN given_roles;
ALTER TABLE orders DROP COLUMN roles;
