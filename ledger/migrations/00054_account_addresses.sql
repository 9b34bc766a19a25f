-- The addresses that accounts have beside the one they go by, as digests: aliases, second values. A leaver's address among them asks whose
-- the account is. They are filled as accounts are read again.

-- +goose Up

CREATE TABLE account_addresses (
    system     TEXT NOT NULL,
    account_id TEXT NOT NULL,
    digest     TEXT NOT NULL,
    PRIMARY KEY (system, account_id, digest)
);
CREATE INDEX account_addresses_digest ON account_addresses (digest);

-- +goose Down

DROP TABLE account_addresses;
