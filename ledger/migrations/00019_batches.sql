-- Every kind of change has a budget, and what one of them holds is decided as one batch.

-- +goose Up

-- Who a held change is about, '' for those that were held before this. A person's change is held in every budget that it
-- draws on.
ALTER TABLE held ADD COLUMN person_key TEXT NOT NULL DEFAULT '';
CREATE INDEX held_person ON held (person_key) WHERE person_key <> '';

-- 1 for what a person has let through ahead of its day: it is free, and takes no room from anybody else.
ALTER TABLE reservations ADD COLUMN foreseen BIGINT NOT NULL DEFAULT 0;

-- Lists that people have authorised ahead, such as a lay-off: nothing is done before the moment, nor without two people.
CREATE TABLE authorised (
    list_id      TEXT   NOT NULL PRIMARY KEY,
    source       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,              -- contain or move
    hash         TEXT   NOT NULL,              -- of source, kind, moment and list, which is what an approval is bound to
    people       BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    reason       BYTEA,
    filed_by     BYTEA,
    filed_at     BIGINT NOT NULL,
    first_by     BYTEA,
    first_at     BIGINT NOT NULL DEFAULT 0,
    second_by    BYTEA,
    second_at    BIGINT NOT NULL DEFAULT 0,
    withdrawn_by BYTEA,
    withdrawn_at BIGINT NOT NULL DEFAULT 0,
    done_at      BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE authorised_people (
    list_id    TEXT NOT NULL,
    person_key TEXT NOT NULL,
    PRIMARY KEY (list_id, person_key)
);

-- +goose Down

DROP TABLE authorised_people;
DROP TABLE authorised;
ALTER TABLE reservations DROP COLUMN foreseen;
DROP INDEX held_person;
ALTER TABLE held DROP COLUMN person_key;
