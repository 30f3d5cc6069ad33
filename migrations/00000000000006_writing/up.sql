-- Posts that wait for their time, and drafts that wait for their author (without one).
CREATE TABLE scheduled_posts (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    content jsonb NOT NULL,
    publish_at timestamptz,
    failure text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX scheduled_posts_account_idx ON scheduled_posts (account_id, id);
CREATE INDEX scheduled_posts_due_idx ON scheduled_posts (publish_at) WHERE publish_at IS NOT NULL;
ALTER TABLE media ADD COLUMN scheduled_id bigint REFERENCES scheduled_posts (id) ON DELETE SET NULL;
CREATE INDEX media_scheduled_idx ON media (scheduled_id) WHERE scheduled_id IS NOT NULL;

-- A request that a client repeats because it missed the answer makes nothing new.
CREATE TABLE idempotency_keys (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key_hash bytea NOT NULL,
    post_id bigint,
    scheduled_id bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key_hash)
);

-- Given out for a sign-up whose e-mail address turned out to be known: it never works, and whoever holds it cannot tell.
ALTER TABLE access_tokens ADD COLUMN pending boolean NOT NULL DEFAULT false;

-- The program that a post was written with.
ALTER TABLE posts ADD COLUMN app_id bigint REFERENCES apps (id) ON DELETE SET NULL;
CREATE INDEX posts_app_idx ON posts (app_id) WHERE app_id IS NOT NULL;

-- Word of the house to everybody in it.
CREATE TABLE announcements (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    source text NOT NULL,
    html text NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE announcement_reads (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    announcement_id bigint NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, announcement_id)
);
CREATE TABLE announcement_reactions (
    announcement_id bigint NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name text NOT NULL,
    PRIMARY KEY (announcement_id, account_id, name)
);

-- What somebody asks the moderators to look at. Without a reporter where another server asks.
CREATE TABLE reports (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    reporter_id bigint REFERENCES accounts (id) ON DELETE CASCADE,
    target_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_ids bigint[] NOT NULL DEFAULT '{}',
    comment text NOT NULL DEFAULT '',
    category text NOT NULL DEFAULT 'other' CHECK (category IN ('spam', 'legal', 'violation', 'privacy', 'other')),
    forwarded boolean NOT NULL DEFAULT false,
    uri text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    resolved_by bigint REFERENCES accounts (id) ON DELETE SET NULL,
    resolution text NOT NULL DEFAULT ''
);
CREATE INDEX reports_open_idx ON reports (id) WHERE resolved_at IS NULL;
CREATE INDEX reports_target_idx ON reports (target_id);

-- Web push (RFC 8030): where an app wants to be woken, one a token. Its id is a small number, as clients read it.
CREATE TABLE push_subscriptions (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_id bigint NOT NULL UNIQUE REFERENCES access_tokens (id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    endpoint text NOT NULL,
    p256dh text NOT NULL,
    auth text NOT NULL,
    standard boolean NOT NULL DEFAULT true,
    alerts text[] NOT NULL DEFAULT '{}',
    policy text NOT NULL DEFAULT 'all' CHECK (policy IN ('all', 'followed', 'follower', 'none')),
    failures integer NOT NULL DEFAULT 0
);
CREATE INDEX push_subscriptions_account_idx ON push_subscriptions (account_id);
CREATE TABLE pushes (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    subscription_id integer NOT NULL REFERENCES push_subscriptions (id) ON DELETE CASCADE,
    notification_id bigint NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz NOT NULL DEFAULT 'epoch'
);
CREATE INDEX pushes_subscription_idx ON pushes (subscription_id);
CREATE INDEX pushes_notification_idx ON pushes (notification_id);
-- The key that push services know us by (RFC 8292), sealed.
ALTER TABLE instance ADD COLUMN push_key_sealed bytea, ADD COLUMN push_key_public text;

-- Streams and push services are told of each new notification that is not kept apart.
CREATE FUNCTION notifications_came() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids text;
BEGIN
    INSERT INTO pushes (subscription_id, notification_id)
    SELECT s.id, n.id FROM came n JOIN push_subscriptions s ON s.account_id = n.account_id
    WHERE NOT n.filtered AND n.kind = ANY(s.alerts) AND CASE s.policy
        WHEN 'all' THEN true
        WHEN 'followed' THEN EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = n.account_id AND f.target_id = n.from_id AND f.state = 'accepted')
        WHEN 'follower' THEN EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = n.from_id AND f.target_id = n.account_id AND f.state = 'accepted')
        ELSE false END;
    IF FOUND THEN
        PERFORM pg_notify('consilium', 'pushes');
    END IF;
    FOR ids IN SELECT string_agg(x.id::text, ',') FROM (SELECT id, (row_number() OVER ()) / 400 AS part FROM came WHERE NOT filtered) x GROUP BY x.part LOOP
        PERFORM pg_notify('consilium_stream', 'notified ' || ids);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER notifications_came AFTER INSERT ON notifications REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_came();

-- Lines of files that somebody brought along from elsewhere, to be carried out one after the other.
CREATE TABLE import_lines (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('follows', 'blocks', 'mutes', 'hosts')),
    subject text NOT NULL,
    -- Follows: with boosts. Mutes: with notifications.
    flag boolean NOT NULL DEFAULT true,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz NOT NULL DEFAULT 'epoch'
);
CREATE INDEX import_lines_due_idx ON import_lines (retry_at, id);
CREATE INDEX import_lines_account_idx ON import_lines (account_id);
