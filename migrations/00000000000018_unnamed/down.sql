-- The wider table of audit actions stays: entries that need it cannot be taken out of the log.
DELETE FROM group_log WHERE deed IN ('ask_opening', 'open_asker', 'refuse_opening');
ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse', 'review', 'recall'));
DROP TABLE case_openings, unnamed_authors;
ALTER TABLE groups DROP COLUMN unnamed;
ALTER TABLE posts DROP COLUMN label;
