CREATE INDEX import_lines_account_idx ON import_lines (account_id);
DROP INDEX import_lines_turn_idx;
ALTER TABLE scheduled_posts DROP COLUMN attempts, DROP COLUMN retry_at;
