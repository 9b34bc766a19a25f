-- When the end of a record was to be carried out by the last look, or was carried out: the record may say something else by now, or no
-- longer tell of it.

-- +goose Up

ALTER TABLE links ADD COLUMN leaver_due BIGINT NOT NULL DEFAULT 0; -- 0 if there is no end, or nobody has looked yet

-- Which of several ends a departure was for is not on record, and neither is when one began that was found open again.
UPDATE links SET leaver_due = COALESCE((SELECT d.due_at FROM people p JOIN departures d ON d.person_key = p.person_key
        AND d.episode = CASE WHEN p.employed = 1 OR p.episode = 0 THEN p.episode + 1 ELSE p.episode END
    WHERE p.person_key = links.person_key AND d.order_id = '' AND d.reopened_at = 0), 0)
WHERE leaver_first_seen <> 0 AND person_key IN (SELECT person_key FROM links WHERE leaver_first_seen <> 0 GROUP BY person_key HAVING COUNT(*) = 1);

-- +goose Down

ALTER TABLE links DROP COLUMN leaver_due;
