-- Every kind of change has a budget, and what one of them holds is decided as one batch.

-- +goose Up

-- Who a held change is about, '' for those that were held before this. A person's change is held in every budget that it
-- draws on.
ALTER TABLE held ADD COLUMN person_key TEXT NOT NULL DEFAULT '';
CREATE INDEX held_person ON held (person_key) WHERE person_key <> '';

-- 1 for what a person has let through ahead of its day: it is free, and takes no room from anybody else.
ALTER TABLE reservations ADD COLUMN foreseen BIGINT NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE reservations DROP COLUMN foreseen;
DROP INDEX held_person;
ALTER TABLE held DROP COLUMN person_key;
