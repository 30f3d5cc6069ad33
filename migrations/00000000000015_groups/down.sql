DELETE FROM notifications WHERE kind IN ('group', 'group_desk');
ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost', 'poll', 'post', 'edit', 'sign_up', 'report',
        'credential', 'desk'));
DROP INDEX accounts_local_handle_key;
ALTER TABLE outbox DROP COLUMN group_id;
-- What was for a group alone is for nobody where there are no groups.
DELETE FROM posts WHERE visibility = 'group';
DROP INDEX posts_held_idx;
DROP INDEX posts_group_idx;
ALTER TABLE posts
    DROP COLUMN group_id,
    DROP COLUMN topic,
    DROP COLUMN held,
    DROP COLUMN locked_at;
ALTER TABLE posts DROP CONSTRAINT posts_visibility_check;
ALTER TABLE posts ADD CONSTRAINT posts_visibility_check
    CHECK (visibility IN ('public', 'unlisted', 'followers', 'direct'));
DROP TABLE group_log, group_invitations, group_bans, group_requests, group_moderators, groups;
DELETE FROM accounts WHERE kind = 'group' AND host_id IS NULL;
