DROP INDEX accounts_directory_idx;
DROP INDEX posts_words_idx;
DROP FUNCTION post_words(text, text, text);
DROP FUNCTION notification_fate(bigint, bigint, text, bigint);
DROP FUNCTION thread_muted(bigint, bigint);
DROP FUNCTION shuns(bigint, bigint);
ALTER TABLE notifications ALTER COLUMN id SET DEFAULT timestamp_id();
DROP SEQUENCE notification_seq;
DROP INDEX notifications_filtered_idx;
ALTER TABLE notifications DROP COLUMN filtered;
DROP TABLE notification_permissions, notification_policies, conversation_posts, conversations, hidden_suggestions, markers,
    followed_tags, featured_tags, pins, filter_posts, filter_keywords, filters, list_members, lists, account_notes;
ALTER TABLE follows DROP COLUMN boosts, DROP COLUMN notify;
DROP TABLE thread_mutes, host_blocks, mutes, blocks;
