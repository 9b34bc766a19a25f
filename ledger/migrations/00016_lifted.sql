-- Two people have lifted the protection of an account: in which departure, as '<person>/<episode>'.

-- +goose Up

ALTER TABLE accounts ADD COLUMN lifted_in TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE accounts DROP COLUMN lifted_in;
