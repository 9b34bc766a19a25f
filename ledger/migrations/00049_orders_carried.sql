-- What carrying out an order came to: which roles a deny order has taken and how often, and what an account said before a set
-- order changed it. The end of a set order is carried out as that of a grant is.

-- +goose Up

ALTER TABLE orders ADD COLUMN carried TEXT NOT NULL DEFAULT '';   -- sealed, in base64
DROP INDEX orders_unsettled;
CREATE INDEX orders_unsettled ON orders (person_key) WHERE kind IN ('grant', 'hold', 'set') AND settled_at = 0;

-- +goose Down

DROP INDEX orders_unsettled;
CREATE INDEX orders_unsettled ON orders (person_key) WHERE kind IN ('grant', 'hold') AND settled_at = 0;
ALTER TABLE orders DROP COLUMN carried;
