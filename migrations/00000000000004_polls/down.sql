DELETE FROM notifications WHERE kind IN ('poll', 'post', 'edit', 'sign_up', 'report');
ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost'));
DROP TABLE poll_votes;
DROP TABLE poll_options;
DROP TABLE polls;
