-- What a server runs is asked again and again. `software_at` is when it last said so, `software_due_at` when it is asked next; none
-- where nothing depends on it.
ALTER TABLE hosts ADD COLUMN software_at timestamptz, ADD COLUMN software_due_at timestamptz;
CREATE INDEX hosts_software_idx ON hosts (software_due_at) WHERE software_due_at IS NOT NULL;

-- A membership is without effect as long as the group does not admit the member's server.
ALTER TABLE follows DROP CONSTRAINT follows_state_check;
ALTER TABLE follows ADD CONSTRAINT follows_state_check CHECK (state IN ('pending', 'accepted', 'barred'));

-- Servers that groups of ours do not admit, and why: each is told once to those who lead the group.
CREATE TABLE group_hosts (
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    host_id bigint NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    bar text NOT NULL CHECK (bar IN ('silent', 'software', 'trust')),
    -- What the server says that it runs.
    software text NOT NULL DEFAULT '',
    since timestamptz NOT NULL,
    PRIMARY KEY (group_id, host_id)
);
CREATE INDEX group_hosts_host_idx ON group_hosts (host_id);

ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse', 'review', 'recall',
    'ask_opening', 'open_asker', 'refuse_opening', 'strike', 'send_back', 'refuse_host', 'admit_host'));

-- Groups for clinicians were joined by everybody until now. Members of the public belong to none.
DELETE FROM group_moderators m USING groups g, users u
WHERE g.account_id = m.group_id AND g.kind = 'verified' AND u.account_id = m.account_id AND u.role = 'public';
WITH gone AS (DELETE FROM follows f USING groups g, users u
    WHERE g.account_id = f.target_id AND g.kind = 'verified' AND u.account_id = f.follower_id AND u.role = 'public'
    RETURNING f.target_id, f.state)
UPDATE accounts a SET followers_count = greatest(a.followers_count - n.gone, 0)
FROM (SELECT target_id, count(*) AS gone FROM gone WHERE state = 'accepted' GROUP BY target_id) n WHERE a.id = n.target_id;

-- Nor do people of servers that this one does not trust have access to those of this server. All servers that groups of this
-- server depend on are asked at once what they run; whoever leads the groups is told then.
WITH cut AS (UPDATE follows f SET state = 'barred' FROM groups g, accounts o, accounts a, hosts h
    WHERE g.account_id = f.target_id AND g.kind = 'verified' AND o.id = g.account_id AND o.host_id IS NULL
      AND a.id = f.follower_id AND h.id = a.host_id AND h.trust <> 'trusted' AND f.state = 'accepted'
    RETURNING f.target_id)
UPDATE accounts a SET followers_count = greatest(a.followers_count - n.cut, 0)
FROM (SELECT target_id, count(*) AS cut FROM cut GROUP BY target_id) n WHERE a.id = n.target_id;
UPDATE hosts SET software_at = CASE WHEN software <> '' THEN now() END;
UPDATE hosts h SET software_due_at = now() WHERE h.trust = 'trusted' OR EXISTS (
    SELECT 1 FROM accounts a JOIN follows f ON f.follower_id = a.id
      JOIN groups g ON g.account_id = f.target_id AND g.kind IN ('verified', 'closed')
      JOIN accounts o ON o.id = g.account_id AND o.host_id IS NULL WHERE a.host_id = h.id);
