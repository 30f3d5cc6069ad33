ALTER TABLE group_waits DROP COLUMN counted_at;
