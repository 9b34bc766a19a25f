-- Who must be out, from when, and whether they are. One row per fact that says so: HR's word (order_id is '') or an order.

-- +goose Up

CREATE TABLE departures (
    person_key   TEXT   NOT NULL,
    episode      BIGINT NOT NULL,
    order_id     TEXT   NOT NULL DEFAULT '',
    source       TEXT   NOT NULL DEFAULT '',  -- the HR source; '' for an order
    known_at     BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,             -- the moment from which sign-in must not work
    contained_at BIGINT NOT NULL DEFAULT 0,
    announced_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (person_key, episode, order_id)
);
CREATE INDEX departures_open ON departures (due_at) WHERE contained_at = 0;
CREATE INDEX departures_order ON departures (order_id) WHERE order_id <> '';

-- What the policy in force says about departures, for those who watch them and have no policy: one row.
CREATE TABLE departure_rules (
    id             SMALLINT NOT NULL PRIMARY KEY,
    observe        SMALLINT NOT NULL,
    contain_within BIGINT   NOT NULL    -- microseconds
);

-- +goose Down

DROP TABLE departure_rules;
DROP TABLE departures;
