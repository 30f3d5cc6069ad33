DELETE FROM group_log WHERE deed IN ('refuse_host', 'admit_host');
ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse', 'review', 'recall',
    'ask_opening', 'open_asker', 'refuse_opening', 'strike', 'send_back'));
DROP TABLE group_hosts;
WITH back AS (UPDATE follows SET state = 'accepted' WHERE state = 'barred' RETURNING target_id)
UPDATE accounts a SET followers_count = a.followers_count + n.back
FROM (SELECT target_id, count(*) AS back FROM back GROUP BY target_id) n WHERE a.id = n.target_id;
ALTER TABLE follows DROP CONSTRAINT follows_state_check;
ALTER TABLE follows ADD CONSTRAINT follows_state_check CHECK (state IN ('pending', 'accepted'));
ALTER TABLE hosts DROP COLUMN software_at, DROP COLUMN software_due_at;
