-- Accounts that are no person's own: what they are for the sheet of grace periods, and who reviews them.

-- +goose Up

ALTER TABLE mfa_state ADD COLUMN kind TEXT NOT NULL DEFAULT '';         -- service, shared or break_glass; '': a person's
ALTER TABLE review_verdicts ADD COLUMN owner TEXT NOT NULL DEFAULT '';  -- the address of whoever reviews the account instead of a manager

-- +goose Down

ALTER TABLE review_verdicts DROP COLUMN owner;
ALTER TABLE mfa_state DROP COLUMN kind;
