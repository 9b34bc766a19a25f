-- Access that comes back after a departure is over, and what somebody was last hinted about because of it.

-- +goose Up

ALTER TABLE departures ADD COLUMN reopened_at BIGINT NOT NULL DEFAULT 0;  -- when a closed one was found open again
ALTER TABLE accounts ADD COLUMN open_hint TEXT NOT NULL DEFAULT '';       -- the change for which its person was hinted last
ALTER TABLE accounts ADD COLUMN open_hint_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX people_left ON people (person_key) WHERE employed = 0 AND episode > 0;
CREATE INDEX orders_contain ON orders (person_key) WHERE kind = 'contain' AND released_at = 0;

-- +goose Down

DROP INDEX orders_contain;
DROP INDEX people_left;
ALTER TABLE accounts DROP COLUMN open_hint_at;
ALTER TABLE accounts DROP COLUMN open_hint;
ALTER TABLE departures DROP COLUMN reopened_at;
