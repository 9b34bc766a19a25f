-- What a system does not show any more keeps its name for a while: what is held of it is still believed.

-- +goose Up

ALTER TABLE system_objects ADD COLUMN gone_at BIGINT NOT NULL DEFAULT 0; -- since when it is not shown, 0 if it is
CREATE INDEX system_objects_name ON system_objects (system, kind, name);

-- +goose Down

DROP INDEX system_objects_name;
DELETE FROM system_objects WHERE gone_at <> 0;
ALTER TABLE system_objects DROP COLUMN gone_at;
