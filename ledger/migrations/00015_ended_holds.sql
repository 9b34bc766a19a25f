-- The end of a hold has to be carried out, as that of a grant.

-- +goose Up

DROP INDEX orders_unsettled;
CREATE INDEX orders_unsettled ON orders (person_key) WHERE kind IN ('grant', 'hold') AND settled_at = 0;

-- +goose Down

DROP INDEX orders_unsettled;
CREATE INDEX orders_unsettled ON orders (person_key) WHERE kind = 'grant' AND settled_at = 0;
