-- Those who have signed in at the identity provider to decide: for how long which key speaks for them.

-- +goose Up

CREATE TABLE decider_sessions (
    key_id     TEXT   NOT NULL PRIMARY KEY,  -- of the public key
    public_key BYTEA  NOT NULL,
    id_token   BYTEA  NOT NULL,              -- what the provider has signed, sealed
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- +goose Down

DROP TABLE decider_sessions;
