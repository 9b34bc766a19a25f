-- What accounts are compared by with everybody who has left, also after the departure is over.

-- +goose Up

-- Digests of the ways in which a leaver's name, address and number are written, with spaces; slight are those that say
-- something only of an account without a name.
CREATE TABLE leaver_handles (
    person_key TEXT NOT NULL PRIMARY KEY,
    handles    TEXT NOT NULL,
    slight     TEXT NOT NULL
);
CREATE INDEX accounts_observed ON accounts (system, observed_at);

-- +goose Down

DROP INDEX accounts_observed;
DROP TABLE leaver_handles;
