-- +goose Up

-- Who waits because of an item is listed in this order: what fifty thousand runs wait for is not sorted for each page.
DROP INDEX attention_holders_item;
CREATE INDEX attention_holders_item ON attention_holders (item_id, since, workflow_id, step);

-- +goose Down

DROP INDEX attention_holders_item;
CREATE INDEX attention_holders_item ON attention_holders (item_id, since);
