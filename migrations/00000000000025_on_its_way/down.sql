-- The wider table of audit actions stays: entries that need it cannot be taken out of the log.
UPDATE posts SET held = '' WHERE held IN ('sent', 'waits');
ALTER TABLE posts DROP CONSTRAINT posts_held_check;
ALTER TABLE posts ADD CONSTRAINT posts_held_check CHECK (held IN ('', 'premoderation', 'screening', 'review'));
