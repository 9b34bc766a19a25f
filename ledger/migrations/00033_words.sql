-- What somebody has signed about an item or a policy, until a worker has judged it and after, and which word an item is taken or
-- accepted by.

-- +goose Up

CREATE TABLE words (
    word_id     TEXT     NOT NULL PRIMARY KEY,   -- of the signature: the same word counts once
    about       TEXT     NOT NULL,               -- item/ID or policy/HASH
    verb        TEXT     NOT NULL,
    said_at     BIGINT   NOT NULL,
    detail      BYTEA,                           -- by whom, why and the proof, sealed
    judged_at   BIGINT   NOT NULL DEFAULT 0,     -- 0: no worker has judged it; of a policy each process judges
    refused     BYTEA                            -- why it does not count, sealed
);
CREATE INDEX words_about ON words (about, said_at);
CREATE INDEX words_waiting ON words (said_at) WHERE judged_at = 0;

ALTER TABLE attention ADD COLUMN taken_word TEXT NOT NULL DEFAULT '';
ALTER TABLE attention ADD COLUMN accepted_word TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE attention DROP COLUMN accepted_word;
ALTER TABLE attention DROP COLUMN taken_word;
DROP TABLE words;
