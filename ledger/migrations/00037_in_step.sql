-- What the rules gave somebody, and by which policy, when their access was last in step: it tells a repair from another policy.

-- +goose Up

ALTER TABLE positions ADD COLUMN rules TEXT NOT NULL DEFAULT '';   -- digest of the roles and the group that the rules gave
ALTER TABLE positions ADD COLUMN policy TEXT NOT NULL DEFAULT '';  -- hash of the file

-- +goose Down

ALTER TABLE positions DROP COLUMN policy;
ALTER TABLE positions DROP COLUMN rules;
