-- Since when somebody is out by the departure that lasts, whatever their records say by now.

-- +goose Up

ALTER TABLE people ADD COLUMN left_at BIGINT NOT NULL DEFAULT 0; -- 0 if they work here, or nobody has looked since they left

-- +goose Down

ALTER TABLE people DROP COLUMN left_at;
