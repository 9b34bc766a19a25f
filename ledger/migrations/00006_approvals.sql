-- What a message's buttons are about: an opaque id travels through Slack, and only the ledger knows which run it means.

-- +goose Up

CREATE TABLE approvals (
    approval    TEXT   NOT NULL PRIMARY KEY,
    workflow_id TEXT   NOT NULL,
    step        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);

-- +goose Down

DROP TABLE approvals;
