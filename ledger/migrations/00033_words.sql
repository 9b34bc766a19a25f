-- What somebody has signed about an item or a policy, until a worker has judged it and after, and which word an item is taken or
-- accepted by; and which messages about items have buttons.

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

CREATE TABLE attention_posts (
    channel     TEXT     NOT NULL,
    posted_ts   TEXT     NOT NULL,               -- of the message, as Slack names it
    item_id     TEXT     NOT NULL,
    posted_at   BIGINT   NOT NULL,
    shown_taken SMALLINT NOT NULL DEFAULT 0,     -- 1: it shows who has taken the item
    PRIMARY KEY (channel, posted_ts)
);

ALTER TABLE attention ADD COLUMN taken_word TEXT NOT NULL DEFAULT '';
ALTER TABLE attention ADD COLUMN accepted_word TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE attention DROP COLUMN accepted_word;
ALTER TABLE attention DROP COLUMN taken_word;
DROP TABLE attention_posts;
DROP TABLE words;
