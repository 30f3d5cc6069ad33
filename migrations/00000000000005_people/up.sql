-- What somebody here does not want to see or be seen by. A block holds both ways, a mute is silent.
CREATE TABLE blocks (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uri text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (account_id <> target_id),
    UNIQUE (account_id, target_id)
);
CREATE INDEX blocks_target_idx ON blocks (target_id);
CREATE TABLE mutes (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    notifications boolean NOT NULL DEFAULT true,
    ends_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (account_id <> target_id),
    UNIQUE (account_id, target_id)
);
CREATE INDEX mutes_target_idx ON mutes (target_id);
CREATE INDEX mutes_ending_idx ON mutes (ends_at) WHERE ends_at IS NOT NULL;
CREATE TABLE host_blocks (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    host text NOT NULL,
    UNIQUE (account_id, host)
);
-- The topmost post of a thread that somebody no longer wants to hear of.
CREATE TABLE thread_mutes (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, post_id)
);
CREATE INDEX thread_mutes_post_idx ON thread_mutes (post_id);

-- What a follower wants of whom they follow: boosts, and word of each post.
ALTER TABLE follows ADD COLUMN boosts boolean NOT NULL DEFAULT true, ADD COLUMN notify boolean NOT NULL DEFAULT false;

-- A word about somebody that only its writer sees.
CREATE TABLE account_notes (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    text text NOT NULL,
    PRIMARY KEY (account_id, target_id)
);
CREATE INDEX account_notes_target_idx ON account_notes (target_id);

CREATE TABLE lists (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    title text NOT NULL,
    replies text NOT NULL DEFAULT 'list' CHECK (replies IN ('followed', 'list', 'none')),
    exclusive boolean NOT NULL DEFAULT false
);
CREATE INDEX lists_account_idx ON lists (account_id);
CREATE TABLE list_members (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    list_id bigint NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    UNIQUE (list_id, account_id)
);
CREATE INDEX list_members_account_idx ON list_members (account_id);

CREATE TABLE filters (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    title text NOT NULL,
    contexts text[] NOT NULL,
    action text NOT NULL DEFAULT 'warn' CHECK (action IN ('warn', 'hide', 'blur')),
    ends_at timestamptz
);
CREATE INDEX filters_account_idx ON filters (account_id);
CREATE TABLE filter_keywords (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    filter_id bigint NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
    keyword text NOT NULL,
    whole_word boolean NOT NULL DEFAULT true
);
CREATE INDEX filter_keywords_filter_idx ON filter_keywords (filter_id);
CREATE TABLE filter_posts (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    filter_id bigint NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    UNIQUE (filter_id, post_id)
);
CREATE INDEX filter_posts_post_idx ON filter_posts (post_id);

-- Posts on top of their author's page.
CREATE TABLE pins (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_id bigint NOT NULL UNIQUE REFERENCES posts (id) ON DELETE CASCADE
);
CREATE INDEX pins_account_idx ON pins (account_id, id);

CREATE TABLE featured_tags (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    tag_id bigint NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    UNIQUE (account_id, tag_id)
);
CREATE TABLE followed_tags (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    tag_id bigint NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    UNIQUE (tag_id, account_id)
);
CREATE INDEX followed_tags_account_idx ON followed_tags (account_id, id);

-- How far somebody has read, told by their apps.
CREATE TABLE markers (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    timeline text NOT NULL CHECK (timeline IN ('home', 'notifications')),
    last_read_id bigint NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, timeline)
);

CREATE TABLE hidden_suggestions (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, target_id)
);

-- Direct posts by thread, once for each of our people who takes part.
CREATE TABLE conversations (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    last_post_id bigint NOT NULL,
    unread boolean NOT NULL DEFAULT false
);
CREATE INDEX conversations_account_idx ON conversations (account_id, last_post_id);
CREATE TABLE conversation_posts (
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, conversation_id)
);
CREATE INDEX conversation_posts_conversation_idx ON conversation_posts (conversation_id, post_id);

-- Whose notifications are let through, kept apart or dropped.
CREATE TABLE notification_policies (
    account_id bigint PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    not_following text NOT NULL DEFAULT 'accept' CHECK (not_following IN ('accept', 'filter', 'drop')),
    not_followers text NOT NULL DEFAULT 'accept' CHECK (not_followers IN ('accept', 'filter', 'drop')),
    new_accounts text NOT NULL DEFAULT 'accept' CHECK (new_accounts IN ('accept', 'filter', 'drop')),
    private_mentions text NOT NULL DEFAULT 'accept' CHECK (private_mentions IN ('accept', 'filter', 'drop')),
    limited_accounts text NOT NULL DEFAULT 'accept' CHECK (limited_accounts IN ('accept', 'filter', 'drop'))
);
CREATE TABLE notification_permissions (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    from_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, from_id)
);
ALTER TABLE notifications ADD COLUMN filtered boolean NOT NULL DEFAULT false;
CREATE INDEX notifications_filtered_idx ON notifications (account_id, from_id, id) WHERE filtered;

-- Some clients read the number of a notification as a JSON number: it has to stay below 2^53.
CREATE SEQUENCE notification_seq;
UPDATE users u SET notifications_read_id = (SELECT count(*) FROM notifications n WHERE n.id <= u.notifications_read_id);
UPDATE notifications t SET id = -x.n FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM notifications) x WHERE t.id = x.id;
UPDATE notifications SET id = -id;
SELECT setval('notification_seq', (SELECT coalesce(max(id), 0) + 1 FROM notifications));
ALTER TABLE notifications ALTER COLUMN id SET DEFAULT nextval('notification_seq');

-- Whether somebody here does not want to hear of somebody: blocked either way, muted, or their server blocked.
CREATE FUNCTION shuns(who bigint, other bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT 1 FROM blocks WHERE (account_id = who AND target_id = other) OR (account_id = other AND target_id = who))
        OR EXISTS (SELECT 1 FROM mutes WHERE account_id = who AND target_id = other AND notifications AND (ends_at IS NULL OR ends_at > now()))
        OR EXISTS (SELECT 1 FROM host_blocks h JOIN accounts a ON a.host = h.host WHERE h.account_id = who AND a.id = other)
$$;
-- Whether somebody has muted the thread of a post.
CREATE FUNCTION thread_muted(who bigint, post bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT 1 FROM thread_mutes WHERE account_id = who) AND EXISTS (
        WITH RECURSIVE up AS (SELECT post AS id, 1 AS step
            UNION ALL SELECT q.reply_to_id, up.step + 1 FROM up JOIN posts q ON q.id = up.id WHERE q.reply_to_id IS NOT NULL AND up.step < 100)
        SELECT 1 FROM up JOIN thread_mutes t ON t.post_id = up.id AND t.account_id = who)
$$;
-- What becomes of a notification: accept, filter (kept apart) or drop. The strictest rule that fits holds.
CREATE FUNCTION notification_fate(who bigint, other bigint, kind text, post bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules notification_policies;
    fates text[] := '{}';
BEGIN
    IF who = other THEN
        RETURN 'accept';
    END IF;
    IF shuns(who, other) OR (post IS NOT NULL AND kind <> 'poll' AND thread_muted(who, post)) THEN
        RETURN 'drop';
    END IF;
    SELECT * INTO rules FROM notification_policies p WHERE p.account_id = who;
    IF NOT FOUND OR kind IN ('poll', 'edit', 'post', 'sign_up', 'report')
        OR EXISTS (SELECT 1 FROM notification_permissions p WHERE p.account_id = who AND p.from_id = other) THEN
        RETURN 'accept';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = who AND f.target_id = other AND f.state = 'accepted') THEN
        fates := fates || rules.not_following;
        IF kind IN ('mention', 'reply') AND EXISTS (SELECT 1 FROM posts p WHERE p.id = post AND p.visibility = 'direct')
            AND NOT EXISTS (SELECT 1 FROM posts p JOIN posts q ON q.id = p.reply_to_id WHERE p.id = post AND q.author_id = who) THEN
            fates := fates || rules.private_mentions;
        END IF;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = other AND f.target_id = who AND f.state = 'accepted') THEN
        fates := fates || rules.not_followers;
    END IF;
    IF EXISTS (SELECT 1 FROM accounts a WHERE a.id = other AND a.created_at > now() - interval '30 days') THEN
        fates := fates || rules.new_accounts;
    END IF;
    IF EXISTS (SELECT 1 FROM accounts a JOIN hosts h ON h.id = a.host_id WHERE a.id = other AND h.state = 'limited') THEN
        fates := fates || rules.limited_accounts;
    END IF;
    RETURN CASE WHEN 'drop' = ANY(fates) THEN 'drop' WHEN 'filter' = ANY(fates) THEN 'filter' ELSE 'accept' END;
END
$$;

-- Words of posts, for search. Tags become blanks.
CREATE FUNCTION post_words(title text, warning text, html text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple'::regconfig, title || ' ' || warning || ' ' || regexp_replace(html, '<[^>]*>', ' ', 'g'))
$$;
CREATE INDEX posts_words_idx ON posts USING gin (post_words(title, warning, html))
    WHERE deleted_at IS NULL AND boost_of_id IS NULL;
CREATE INDEX accounts_directory_idx ON accounts (id) WHERE discoverable AND state = 'active' AND kind = 'person';
