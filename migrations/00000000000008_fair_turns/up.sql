-- A waiting post that could not be published is tried again later, while the others go on.
ALTER TABLE scheduled_posts
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN retry_at timestamptz NOT NULL DEFAULT 'epoch';

-- Everybody's next lines are found without reading all of a long file.
CREATE INDEX import_lines_turn_idx ON import_lines (account_id, retry_at, id);
DROP INDEX import_lines_account_idx;
