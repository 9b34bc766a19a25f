-- When an item that others cause last came back soon after it was closed, which then stays for a while; who was ever asked about under
-- an item that is for many, and when the last of them came of whom nobody was told yet.

-- +goose Up

ALTER TABLE attention ADD COLUMN flapped_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE attention ADD COLUMN joined_at  BIGINT NOT NULL DEFAULT 0;      -- 0: everybody who waits was told of

CREATE TABLE attention_joined (
    item_id   TEXT   NOT NULL,
    question  TEXT   NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (item_id, question)
);

-- +goose Down

DROP TABLE attention_joined;
ALTER TABLE attention DROP COLUMN joined_at;
ALTER TABLE attention DROP COLUMN flapped_at;
