-- Reports of posts in groups, for those of ours who lead the group, wherever it lives. Who reported is not kept.
CREATE TABLE group_reports (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    -- ActivityPub id of the Flag: one report names a post once.
    uri text NOT NULL,
    comment text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    UNIQUE (post_id, uri)
);
CREATE INDEX group_reports_open_idx ON group_reports (group_id, id) WHERE closed_at IS NULL;
CREATE INDEX group_reports_uri_idx ON group_reports (uri);
CREATE INDEX group_reports_closed_idx ON group_reports (closed_at) WHERE closed_at IS NOT NULL;

-- What is for the followers of somebody alone: each server is told whom of its people we take for followers (FEP-8fcf).
ALTER TABLE outbox ADD COLUMN followers_of bigint REFERENCES accounts (id) ON DELETE CASCADE;

-- Somebody of another server whose followers here may be others than their server takes for such.
CREATE TABLE follower_checks (
    account_id bigint PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    url text NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    checked_at timestamptz
);
CREATE INDEX follower_checks_due_idx ON follower_checks (due_at);
