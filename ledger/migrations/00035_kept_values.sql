-- What a system keeps in a profile in place of what was written: it trims a value, cuts it, or takes it from elsewhere.

-- +goose Up

CREATE TABLE kept_values (
    system     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    document   BYTEA  NOT NULL,   -- fields with what was written and what is held, sealed
    noted_at   BIGINT NOT NULL,
    PRIMARY KEY (system, account_id)
);

-- +goose Down

DROP TABLE kept_values;
