-- Who has shown to have decided about a cause, and what kind of question each of those is who wait because of one.

-- +goose Up

ALTER TABLE attention_holders ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE attention_decisions ADD COLUMN proof BYTEA;  -- the signature and digests of the questions, sealed

ALTER TABLE policies ADD COLUMN deciders BYTEA;              -- who may decide by the policy in force, sealed
ALTER TABLE authorised ADD COLUMN first_proof BYTEA;         -- what shows who approved, sealed
ALTER TABLE authorised ADD COLUMN second_proof BYTEA;

-- +goose Down

ALTER TABLE authorised DROP COLUMN second_proof;
ALTER TABLE authorised DROP COLUMN first_proof;
ALTER TABLE policies DROP COLUMN deciders;
ALTER TABLE attention_decisions DROP COLUMN proof;
ALTER TABLE attention_holders DROP COLUMN code;
