DELETE FROM group_log WHERE deed = 'send_back';
ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse', 'review', 'recall',
    'ask_opening', 'open_asker', 'refuse_opening', 'strike'));
