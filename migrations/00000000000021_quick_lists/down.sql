DROP INDEX case_drafts_updated_idx;
ALTER TABLE instance DROP COLUMN looked_at_follow, DROP COLUMN looked_at_group;
DROP TABLE group_doubts;
ALTER TABLE dead_letters DROP COLUMN ended_post_id;
DROP INDEX outbox_ended_idx;
DROP INDEX posts_topic_idx;
DROP INDEX posts_group_author_idx;
