-- That a post was sent back before the group saw it stands in the log of its group.
ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse', 'review', 'recall',
    'ask_opening', 'open_asker', 'refuse_opening', 'strike', 'send_back', 'refuse_host', 'admit_host', 'return_post'));

-- What a group has decided about whoever is told, as in its log, and why; none where nothing was decided.
ALTER TABLE notifications ADD COLUMN deed text, ADD COLUMN reason text NOT NULL DEFAULT '';
