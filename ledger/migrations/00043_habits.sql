-- Where accounts usually sign in, of people at locations for which the policy allows it. Nothing else is kept, and none of it for long.

-- +goose Up

CREATE TABLE habits (
    account_id TEXT   NOT NULL,   -- of OneLogin
    kind       TEXT   NOT NULL,   -- country or network
    digest     TEXT   NOT NULL,   -- tells the account's places apart
    place      BYTEA  NOT NULL,   -- the country or the network, sealed
    first_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind, digest)
);

-- +goose Down

DROP TABLE habits;
