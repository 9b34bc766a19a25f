-- Which case the incident of another one is about too: two rules that count one event have one incident.

-- +goose Up

ALTER TABLE cases ADD COLUMN joined_rule TEXT NOT NULL DEFAULT '';   -- '': the case has an incident of its own
ALTER TABLE cases ADD COLUMN joined_number BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cases_joined ON cases (subject, joined_rule, joined_number) WHERE joined_rule <> '';
CREATE INDEX cases_subject ON cases (subject, last_at);

-- +goose Down

DROP INDEX cases_subject;
DROP INDEX cases_joined;
ALTER TABLE cases DROP COLUMN joined_number;
ALTER TABLE cases DROP COLUMN joined_rule;
