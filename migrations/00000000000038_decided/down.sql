ALTER TABLE notifications DROP COLUMN deed, DROP COLUMN reason;

-- What groups of this server have sent back waits again.
UPDATE posts p SET held = 'premoderation', refusal = '' FROM accounts g
WHERE g.id = p.group_id AND g.host_id IS NULL AND p.held = 'refused' AND p.deleted_at IS NULL;
DELETE FROM group_log WHERE deed = 'return_post';
ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse', 'review', 'recall',
    'ask_opening', 'open_asker', 'refuse_opening', 'strike', 'send_back', 'refuse_host', 'admit_host'));
