-- Where an account stands in the sheet of a review: beside the other accounts of its person, under the manager of the first of them.
-- Reviews that were judged before go on by account id.

-- +goose Up

ALTER TABLE review_verdicts ADD COLUMN lead BIGINT NOT NULL DEFAULT 0;          -- the person's first account
ALTER TABLE review_verdicts ADD COLUMN lead_manager BIGINT NOT NULL DEFAULT 0;  -- its manager

-- +goose Down

ALTER TABLE review_verdicts DROP COLUMN lead_manager;
ALTER TABLE review_verdicts DROP COLUMN lead;
