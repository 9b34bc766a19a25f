-- Of whom it was asked whether another record is theirs as well: found with everything else that is known of them.

-- +goose Up

CREATE INDEX source_findings_asked ON source_findings (subject) WHERE kind = 'asked_about';

-- +goose Down

DROP INDEX source_findings_asked;
