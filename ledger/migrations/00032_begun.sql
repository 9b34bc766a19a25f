-- Since which employment of a person their HR record was seen to say that they work here.

-- +goose Up

ALTER TABLE links ADD COLUMN begun_episode BIGINT NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE links DROP COLUMN begun_episode;
