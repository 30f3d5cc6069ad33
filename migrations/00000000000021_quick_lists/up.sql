-- Whether somebody has posted in a group; what a group says of a topic.
CREATE INDEX posts_group_author_idx ON posts (group_id, author_id)
    WHERE group_id IS NOT NULL AND held = '' AND deleted_at IS NULL;
CREATE INDEX posts_topic_idx ON posts (group_id, topic, id)
    WHERE group_id IS NOT NULL AND topic <> '' AND boost_of_id IS NULL AND reply_to_uri IS NULL AND deleted_at IS NULL;

-- What tells of the end of a post, by that post.
CREATE INDEX outbox_ended_idx ON outbox ((event ->> 'post')) WHERE event ->> 'type' IN ('delete', 'remove', 'recall');

-- The post of whose end a dead letter tells.
ALTER TABLE dead_letters ADD COLUMN ended_post_id bigint REFERENCES posts (id) ON DELETE SET NULL;
UPDATE dead_letters l SET ended_post_id = p.id
    FROM hosts h JOIN case_copies c ON c.host_id = h.id JOIN case_recalls r ON r.post_id = c.post_id JOIN posts p ON p.id = c.post_id
    WHERE l.direction = 'out' AND h.name = l.host
        AND position('"type":"Delete"' IN l.body) > 0 AND position('"' || p.uri || '"' IN l.body) > 0;
CREATE INDEX dead_letters_ended_idx ON dead_letters (ended_post_id, host) WHERE ended_post_id IS NOT NULL;

-- People of whom something else is proven now than before: whether they may stay in their groups is looked at next. All other
-- members are looked at in turn; the last one that was is noted here, by their group and their follow.
CREATE TABLE group_doubts (
    account_id bigint PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE
);
ALTER TABLE instance
    ADD COLUMN looked_at_group bigint NOT NULL DEFAULT 0,
    ADD COLUMN looked_at_follow bigint NOT NULL DEFAULT 0;

-- Drafts of cases that nobody goes on with.
CREATE INDEX case_drafts_updated_idx ON case_drafts (updated_at);
