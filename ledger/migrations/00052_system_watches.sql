-- Where to go on asking a system what may have changed.

-- +goose Up

CREATE TABLE system_watches (
    system TEXT NOT NULL PRIMARY KEY,
    cookie TEXT NOT NULL   -- the system's own, as its connector gave it
);

-- +goose Down

DROP TABLE system_watches;
