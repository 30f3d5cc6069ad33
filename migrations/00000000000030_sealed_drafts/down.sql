-- What is sealed goes: the database cannot open it.
DELETE FROM scheduled_posts WHERE content IS NULL;
DROP INDEX scheduled_posts_open_idx;
ALTER TABLE scheduled_posts DROP CONSTRAINT scheduled_posts_content_check;
ALTER TABLE scheduled_posts DROP COLUMN content_sealed;
ALTER TABLE scheduled_posts ALTER COLUMN content SET NOT NULL;
