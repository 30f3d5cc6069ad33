-- Groups, ours and those of other servers that our people know. A group is an account; who follows it is its member.
CREATE TABLE groups (
    account_id bigint PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('open', 'verified', 'closed', 'local')),
    admission text NOT NULL CHECK (admission IN ('free', 'request', 'invitation')),
    premoderation text NOT NULL DEFAULT 'none' CHECK (premoderation IN ('none', 'first', 'all')),
    topics text[] NOT NULL DEFAULT '{}',
    rules text NOT NULL DEFAULT '',
    welcome text NOT NULL DEFAULT '',
    -- What it takes to join and to post: as a demand of the configuration.
    level smallint NOT NULL DEFAULT 0 CHECK (level BETWEEN 0 AND 4),
    disciplines text[] NOT NULL DEFAULT '{}',
    specialties text[] NOT NULL DEFAULT '{}',
    issuers text[] NOT NULL DEFAULT '{}',
    archived_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Who leads a group. Nobody leads it without being a member; the owner passes it on before leaving.
CREATE TABLE group_moderators (
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('moderator', 'owner')),
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_id, account_id)
);
CREATE UNIQUE INDEX group_owner_key ON group_moderators (group_id) WHERE role = 'owner';
CREATE INDEX group_moderators_account_idx ON group_moderators (account_id);

-- Why somebody asks to join, for the moderators; it goes with the request.
CREATE TABLE group_requests (
    follow_id bigint PRIMARY KEY REFERENCES follows (id) ON DELETE CASCADE,
    reason text NOT NULL
);

CREATE TABLE group_bans (
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    reason text NOT NULL,
    ends_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_id, account_id)
);
CREATE INDEX group_bans_account_idx ON group_bans (account_id);

-- Links that let somebody in; only the hash of a code is kept.
CREATE TABLE group_invitations (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    code_hash bytea NOT NULL UNIQUE,
    created_by bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uses_left integer NOT NULL CHECK (uses_left >= 0),
    expires_at timestamptz NOT NULL
);
CREATE INDEX group_invitations_group_idx ON group_invitations (group_id);

-- What moderators did, for the members to read. It tells who, what and why, and nothing that was posted.
CREATE TABLE group_log (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    actor_id bigint REFERENCES accounts (id) ON DELETE SET NULL,
    deed text NOT NULL CHECK (deed IN (
        'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
        'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse')),
    subject_id bigint REFERENCES accounts (id) ON DELETE SET NULL,
    reason text NOT NULL DEFAULT ''
);
CREATE INDEX group_log_idx ON group_log (group_id, id);

-- A post in a group that is not open is for the group, and for nobody else whoever is named in it.
ALTER TABLE posts DROP CONSTRAINT posts_visibility_check;
ALTER TABLE posts ADD CONSTRAINT posts_visibility_check
    CHECK (visibility IN ('public', 'unlisted', 'followers', 'group', 'direct'));
ALTER TABLE posts
    ADD COLUMN group_id bigint REFERENCES groups (account_id) ON DELETE CASCADE,
    ADD COLUMN topic text NOT NULL DEFAULT '',
    -- Why only its author and the moderators see it yet.
    ADD COLUMN held text NOT NULL DEFAULT '' CHECK (held IN ('', 'premoderation', 'screening', 'review')),
    ADD COLUMN locked_at timestamptz,
    ADD CONSTRAINT posts_group_check CHECK (visibility <> 'group' OR group_id IS NOT NULL);
CREATE INDEX posts_group_idx ON posts (group_id, id)
    WHERE group_id IS NOT NULL AND boost_of_id IS NULL AND reply_to_uri IS NULL AND deleted_at IS NULL;
CREATE INDEX posts_held_idx ON posts (group_id, id) WHERE held <> '' AND deleted_at IS NULL;

-- What is told to a group alone: it is not delivered where nobody is a member any more.
ALTER TABLE outbox ADD COLUMN group_id bigint REFERENCES groups (account_id) ON DELETE CASCADE;

-- A group and a person of ours never share a name: other programs could not tell them apart.
CREATE UNIQUE INDEX accounts_local_handle_key ON accounts (lower(username)) WHERE host_id IS NULL;

ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost', 'poll', 'post', 'edit', 'sign_up', 'report',
        'credential', 'desk', 'group', 'group_desk'));
