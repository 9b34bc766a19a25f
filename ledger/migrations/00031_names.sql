-- Whoever has a name is found by it without reading every record.

-- +goose Up

CREATE INDEX links_name ON links (name_digest) WHERE name_digest <> '';

-- +goose Down

DROP INDEX links_name;
