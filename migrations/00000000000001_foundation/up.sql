-- Ids sort by time: 48 bits of milliseconds since 1970, then 16 bits of a sequence.
-- JSON carries them as strings, as 2^53 is passed.
CREATE SEQUENCE id_seq;
CREATE FUNCTION timestamp_id(at timestamptz DEFAULT clock_timestamp()) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT ((floor(extract(epoch FROM at) * 1000))::bigint << 16) | (nextval('id_seq') & 65535)
$$;

-- Other servers. `state` is what we decided; the rest is what we learned.
CREATE TABLE hosts (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    name text NOT NULL UNIQUE,
    state text NOT NULL DEFAULT 'unknown' CHECK (state IN ('unknown', 'allowed', 'limited', 'blocked')),
    note text NOT NULL DEFAULT '',
    software text NOT NULL DEFAULT '',
    dialect text CHECK (dialect IN ('cavage', 'rfc9421')),
    dialect_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    last_error text NOT NULL DEFAULT '',
    last_success_at timestamptz,
    retry_at timestamptz NOT NULL DEFAULT 'epoch',
    leased_until timestamptz NOT NULL DEFAULT 'epoch',
    leased_by bigint,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Everybody we know of: our own people (host_id is null) and people of other servers.
CREATE TABLE accounts (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    host_id bigint REFERENCES hosts (id),
    host text,
    username text NOT NULL,
    kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service', 'application', 'group', 'organization')),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('waiting', 'active', 'suspended', 'gone')),
    uri text NOT NULL UNIQUE,
    url text NOT NULL,
    name text NOT NULL DEFAULT '',
    pronouns text NOT NULL DEFAULT '',
    discipline text NOT NULL DEFAULT '',
    specialty text NOT NULL DEFAULT '',
    employer text NOT NULL DEFAULT '',
    bio_source text NOT NULL DEFAULT '',
    bio_html text NOT NULL DEFAULT '',
    fields jsonb NOT NULL DEFAULT '[]',
    links jsonb NOT NULL DEFAULT '[]',
    languages text[] NOT NULL DEFAULT '{}',
    locked boolean NOT NULL DEFAULT false,
    discoverable boolean NOT NULL DEFAULT true,
    inbox text NOT NULL DEFAULT '',
    shared_inbox text,
    outbox text,
    followers_uri text,
    followers_count bigint NOT NULL DEFAULT 0,
    following_count bigint NOT NULL DEFAULT 0,
    posts_count bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    refreshed_at timestamptz NOT NULL DEFAULT now()
);
-- Some programs let a group and a person share a name.
CREATE UNIQUE INDEX accounts_handle_key ON accounts (lower(username), coalesce(host_id, 0), (kind = 'group'));
CREATE INDEX accounts_host_idx ON accounts (host_id);
CREATE INDEX accounts_name_idx ON accounts (lower(name) text_pattern_ops);

-- Keys that sign HTTP requests (rsa) and documents (ed25519). Private halves are sealed.
CREATE TABLE account_keys (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uri text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('rsa', 'ed25519')),
    public_key text NOT NULL,
    private_sealed bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    fetched_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_keys_account_idx ON account_keys (account_id);

-- People who can sign in here.
CREATE TABLE users (
    account_id bigint PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    email text NOT NULL,
    email_confirmed_at timestamptz,
    password_hash text NOT NULL,
    role text NOT NULL DEFAULT 'clinician' CHECK (role IN ('public', 'clinician', 'verifier', 'moderator', 'admin')),
    state text NOT NULL DEFAULT 'unconfirmed' CHECK (state IN ('unconfirmed', 'waiting', 'active', 'rejected', 'disabled')),
    reason text NOT NULL DEFAULT '',
    invited boolean NOT NULL DEFAULT false,
    language text NOT NULL DEFAULT 'en',
    default_visibility text NOT NULL DEFAULT 'public' CHECK (default_visibility IN ('public', 'unlisted', 'followers', 'direct')),
    notifications_read_id bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    decided_by bigint REFERENCES accounts (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX users_waiting_idx ON users (created_at) WHERE state = 'waiting';

CREATE TABLE sessions (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    token_hash bytea NOT NULL UNIQUE,
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    device text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    proved_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_account_idx ON sessions (account_id);

CREATE TABLE access_tokens (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    token_hash bytea NOT NULL UNIQUE,
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    name text NOT NULL,
    scopes text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX access_tokens_account_idx ON access_tokens (account_id);

-- Links that were mailed: each works once and ends.
CREATE TABLE mail_tokens (
    token_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('confirm', 'reset', 'change_email')),
    email text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX mail_tokens_account_idx ON mail_tokens (account_id);

-- Mail leaves after the commit; a crash leaves it here.
CREATE TABLE mails (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz NOT NULL DEFAULT 'epoch',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE invitations (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    code_hash bytea NOT NULL UNIQUE,
    created_by bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role text NOT NULL DEFAULT 'clinician' CHECK (role IN ('public', 'clinician')),
    uses_left integer NOT NULL DEFAULT 1 CHECK (uses_left >= 0),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Failed sign-ins by account and by address (both hashed); the delay grows with them.
CREATE TABLE throttles (
    key bytea PRIMARY KEY,
    failures integer NOT NULL,
    window_ends timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL DEFAULT 'epoch'
);

CREATE TABLE follows (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    follower_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('pending', 'accepted')),
    uri text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (follower_id <> target_id),
    UNIQUE (follower_id, target_id)
);
CREATE INDEX follows_target_idx ON follows (target_id, state, id);
CREATE INDEX follows_follower_idx ON follows (follower_id, state, id);

-- Posts of all servers. A boost is a row whose boost_of_id is set; a deleted post keeps its row, emptied.
CREATE TABLE posts (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    author_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    local boolean NOT NULL,
    uri text NOT NULL UNIQUE,
    url text NOT NULL,
    kind text NOT NULL DEFAULT 'note' CHECK (kind IN ('note', 'article', 'page', 'question', 'event', 'video', 'boost')),
    visibility text NOT NULL CHECK (visibility IN ('public', 'unlisted', 'followers', 'direct')),
    boost_of_id bigint REFERENCES posts (id) ON DELETE CASCADE,
    reply_to_id bigint REFERENCES posts (id) ON DELETE SET NULL,
    reply_to_uri text,
    title text NOT NULL DEFAULT '',
    warning text NOT NULL DEFAULT '',
    source text NOT NULL DEFAULT '',
    html text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT '',
    replies_count bigint NOT NULL DEFAULT 0,
    boosts_count bigint NOT NULL DEFAULT 0,
    likes_count bigint NOT NULL DEFAULT 0,
    published_at timestamptz NOT NULL DEFAULT now(),
    edited_at timestamptz,
    deleted_at timestamptz,
    CHECK ((kind = 'boost') = (boost_of_id IS NOT NULL))
);
CREATE INDEX posts_author_idx ON posts (author_id, id) WHERE deleted_at IS NULL;
CREATE INDEX posts_reply_idx ON posts (reply_to_id, id) WHERE reply_to_id IS NOT NULL;
CREATE INDEX posts_orphan_idx ON posts (reply_to_uri) WHERE reply_to_uri IS NOT NULL AND reply_to_id IS NULL;
CREATE UNIQUE INDEX posts_boost_key ON posts (boost_of_id, author_id) WHERE boost_of_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX posts_local_idx ON posts (id) WHERE local AND visibility = 'public' AND boost_of_id IS NULL AND reply_to_uri IS NULL AND deleted_at IS NULL;
CREATE INDEX posts_federated_idx ON posts (id) WHERE visibility = 'public' AND boost_of_id IS NULL AND reply_to_uri IS NULL AND deleted_at IS NULL;

CREATE TABLE mentions (
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, account_id)
);
CREATE INDEX mentions_account_idx ON mentions (account_id, post_id);

CREATE TABLE tags (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    name text NOT NULL UNIQUE
);
CREATE TABLE post_tags (
    tag_id bigint NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    PRIMARY KEY (tag_id, post_id)
);
CREATE INDEX post_tags_post_idx ON post_tags (post_id);

-- What a post said before each edit.
CREATE TABLE post_edits (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    warning text NOT NULL,
    source text NOT NULL,
    html text NOT NULL,
    written_at timestamptz NOT NULL
);
CREATE INDEX post_edits_post_idx ON post_edits (post_id, id);

CREATE TABLE likes (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    uri text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (post_id, account_id)
);
CREATE TABLE bookmarks (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    UNIQUE (post_id, account_id)
);
CREATE INDEX bookmarks_account_idx ON bookmarks (account_id, id);

-- The home timeline of each of our people, written when a post arrives.
CREATE TABLE home_entries (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, post_id)
);
CREATE INDEX home_entries_post_idx ON home_entries (post_id);

CREATE TABLE notifications (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost')),
    from_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_id bigint REFERENCES posts (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notifications_account_idx ON notifications (account_id, id);
CREATE UNIQUE INDEX notifications_once_key ON notifications (account_id, kind, from_id, coalesce(post_id, 0));
CREATE INDEX notifications_post_idx ON notifications (post_id) WHERE post_id IS NOT NULL;

-- What is to be told to other servers: written in the transaction of the deed itself.
CREATE TABLE outbox (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    event jsonb NOT NULL,
    body bytea,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz NOT NULL DEFAULT 'epoch',
    fanned_out_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_new_idx ON outbox (id) WHERE fanned_out_at IS NULL;

-- One row for each inbox that an outbox row still has to reach; gone once reached.
CREATE TABLE deliveries (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    outbox_id bigint NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    host_id bigint NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    inbox text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz NOT NULL DEFAULT 'epoch',
    UNIQUE (outbox_id, inbox)
);
CREATE INDEX deliveries_host_idx ON deliveries (host_id, id);

-- Activities that were taken in (202) and wait to be carried out.
CREATE TABLE received (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    actor text NOT NULL,
    body text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    retry_at timestamptz NOT NULL DEFAULT 'epoch',
    claimed_until timestamptz NOT NULL DEFAULT 'epoch',
    claimed_by bigint,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX received_actor_idx ON received (actor, id);

-- Ids of activities of the last days: what was taken once is not taken again.
CREATE TABLE seen_activities (
    key bytea PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX seen_activities_age_idx ON seen_activities USING brin (seen_at);

-- Ids that their owners deleted before we had them.
CREATE TABLE tombstones (
    uri text NOT NULL,
    owner text NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (uri, owner)
);

-- Threads with a gap, or not looked at for a while: what is above and below a post is asked for.
CREATE TABLE thread_checks (
    post_id bigint PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    checked_at timestamptz
);
CREATE INDEX thread_checks_due_idx ON thread_checks (due_at);

-- What could not be delivered or understood, kept with its reason until an admin has looked.
CREATE TABLE dead_letters (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    host text NOT NULL,
    actor text NOT NULL,
    inbox text,
    outbox_account_id bigint REFERENCES accounts (id) ON DELETE CASCADE,
    body text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Locks that a process takes with SKIP LOCKED for the length of one claim.
CREATE TABLE gates (name text PRIMARY KEY);
INSERT INTO gates (name) VALUES ('received'), ('outbox'), ('schedule');

-- What this instance is: its own name is written once, so that a wrong public_url is noticed.
CREATE TABLE instance (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    public_url text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
