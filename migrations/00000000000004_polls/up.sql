-- A poll is part of a post. Its counts are those of its author's server.
CREATE TABLE polls (
    post_id bigint PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    multiple boolean NOT NULL,
    hide_totals boolean NOT NULL DEFAULT false,
    ends_at timestamptz,
    voters_count bigint,
    -- Votes that other servers have not been told of yet.
    changed_at timestamptz,
    told_at timestamptz NOT NULL DEFAULT now(),
    ended boolean NOT NULL DEFAULT false
);
CREATE INDEX polls_running_idx ON polls (ends_at) WHERE NOT ended;
CREATE INDEX polls_changed_idx ON polls (changed_at) WHERE changed_at IS NOT NULL;
CREATE TABLE poll_options (
    post_id bigint NOT NULL REFERENCES polls (post_id) ON DELETE CASCADE,
    place smallint NOT NULL,
    title text NOT NULL,
    votes_count bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (post_id, place)
);
CREATE TABLE poll_votes (
    post_id bigint NOT NULL REFERENCES polls (post_id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    place smallint NOT NULL,
    PRIMARY KEY (post_id, account_id, place)
);
CREATE INDEX poll_votes_account_idx ON poll_votes (account_id);

ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost', 'poll', 'post', 'edit', 'sign_up', 'report'));
