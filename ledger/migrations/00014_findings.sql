-- What was found about an HR source that nobody should have to remember: records that could not be read, deliveries that
-- named nobody, people who had left before the first reading. A subject is an employee id or a word, never a name.

-- +goose Up

CREATE TABLE source_findings (
    source     TEXT     NOT NULL,
    kind       TEXT     NOT NULL,
    subject    TEXT     NOT NULL,
    why        TEXT     NOT NULL DEFAULT '',
    has_left   SMALLINT NOT NULL DEFAULT 0,
    times      BIGINT   NOT NULL DEFAULT 1,
    first_at   BIGINT   NOT NULL,
    last_at    BIGINT   NOT NULL,
    PRIMARY KEY (source, kind, subject)
);

-- +goose Down

DROP TABLE source_findings;
