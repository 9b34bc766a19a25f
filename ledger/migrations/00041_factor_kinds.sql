-- Which kinds of factors somebody has, and which of them do not count: that depends on the policy, which may change.

-- +goose Up

ALTER TABLE mfa_state ADD COLUMN kinds TEXT NOT NULL DEFAULT '';  -- a line for each factor in use, its names between tabs; '': none, or not known
ALTER TABLE mfa_state ADD COLUMN weak  TEXT NOT NULL DEFAULT '';  -- a line for each kind that does not count for somebody who has nothing else

-- +goose Down

ALTER TABLE mfa_state DROP COLUMN weak;
ALTER TABLE mfa_state DROP COLUMN kinds;
