-- Whose mailboxes are in somebody's hands is asked for in each departure.

-- +goose Up

ALTER TABLE system_accounts ADD COLUMN handed SMALLINT NOT NULL DEFAULT 0; -- 1: its mail is in somebody's hands since a departure
UPDATE system_accounts SET handed = 1 WHERE ours LIKE '%"to":%';
CREATE INDEX system_accounts_handed ON system_accounts (system) WHERE handed = 1;

-- +goose Down

DROP INDEX system_accounts_handed;
ALTER TABLE system_accounts DROP COLUMN handed;
