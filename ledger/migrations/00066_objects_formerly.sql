-- Every assessment asks which names that conditions have were another object's before: few objects have earlier names.

-- +goose Up

CREATE INDEX system_objects_formerly ON system_objects (system, kind, gone_at) WHERE formerly <> '';

-- +goose Down

DROP INDEX system_objects_formerly;
