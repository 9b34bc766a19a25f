-- What objects of systems were called before: whoever changes position while a group has another name is not forgotten in it.

-- +goose Up

ALTER TABLE system_objects ADD COLUMN formerly TEXT NOT NULL DEFAULT ''; -- earlier names, one a line, the last one first

-- +goose Down

ALTER TABLE system_objects DROP COLUMN formerly;
