DELETE FROM notifications WHERE kind IN ('case', 'case_review');
ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost', 'poll', 'post', 'edit', 'sign_up', 'report',
        'credential', 'desk', 'group', 'group_desk'));
DELETE FROM group_log WHERE deed IN ('review', 'recall');
ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse'));
ALTER TABLE posts DROP COLUMN interests;
ALTER TABLE accounts DROP COLUMN interests;
ALTER TABLE groups DROP COLUMN review;
DROP TABLE case_wishes, case_copies, case_recalls, case_consents, case_findings, case_pictures, case_drafts, cases;
