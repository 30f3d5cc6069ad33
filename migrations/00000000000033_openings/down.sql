-- The wider table of audit actions stays: entries that need it cannot be taken out of the log.
DELETE FROM notifications WHERE kind IN ('evidence', 'emergency');
UPDATE push_subscriptions SET alerts = array_remove(array_remove(alerts, 'evidence'), 'emergency');
ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost', 'poll', 'post', 'edit', 'sign_up', 'report',
        'credential', 'desk', 'group', 'group_desk', 'case', 'case_review'));
DROP TABLE evidence_openings;
