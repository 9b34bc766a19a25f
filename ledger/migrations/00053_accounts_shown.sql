-- How many accounts a system has is asked before budgets are drawn on, and the accounts themselves are long rows.

-- +goose Up

CREATE INDEX accounts_shown ON accounts (system) WHERE observed_at <> 0 AND missing_since = 0;

-- +goose Down

DROP INDEX accounts_shown;
