-- Drafts of posts, and posts that wait for their time, lie sealed. What was kept open before is sealed by the next sweep.
ALTER TABLE scheduled_posts ADD COLUMN content_sealed bytea;
ALTER TABLE scheduled_posts ALTER COLUMN content DROP NOT NULL;
ALTER TABLE scheduled_posts ADD CONSTRAINT scheduled_posts_content_check
    CHECK (content IS NOT NULL OR content_sealed IS NOT NULL);
CREATE INDEX scheduled_posts_open_idx ON scheduled_posts (id) WHERE content IS NOT NULL;
