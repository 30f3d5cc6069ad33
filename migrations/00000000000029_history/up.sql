-- Groups of other servers that are asked for what they have shown before somebody here belonged to them, and when next.
CREATE TABLE group_histories (
    group_id bigint PRIMARY KEY REFERENCES groups (account_id) ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0
);
CREATE INDEX group_histories_due_idx ON group_histories (due_at);

-- All that a group shows, answers among it, by time.
CREATE INDEX posts_shown_idx ON posts (group_id, id)
    WHERE group_id IS NOT NULL AND boost_of_id IS NULL AND held = '' AND deleted_at IS NULL;

-- Groups that people here belong to already lack it as well.
INSERT INTO group_histories (group_id, due_at)
SELECT g.account_id, now() FROM groups g JOIN accounts a ON a.id = g.account_id AND a.host_id IS NOT NULL
WHERE EXISTS (SELECT 1 FROM follows f JOIN accounts m ON m.id = f.follower_id AND m.host_id IS NULL
    WHERE f.target_id = g.account_id AND f.state = 'accepted');
