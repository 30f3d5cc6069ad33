-- Pictures: of posts, avatars and banners; of other servers' people too, whose files are fetched when first looked at.
-- `name` is the unguessable part of the address; `stored_at` tells whether the files are there.
CREATE TABLE media (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_id bigint REFERENCES posts (id) ON DELETE CASCADE,
    place smallint NOT NULL DEFAULT 0,
    purpose text NOT NULL CHECK (purpose IN ('post', 'avatar', 'banner')),
    name text NOT NULL UNIQUE,
    mime text NOT NULL DEFAULT '',
    width integer NOT NULL DEFAULT 0,
    height integer NOT NULL DEFAULT 0,
    small_width integer NOT NULL DEFAULT 0,
    small_height integer NOT NULL DEFAULT 0,
    small_mime text NOT NULL DEFAULT '',
    bytes bigint NOT NULL DEFAULT 0,
    blurhash text NOT NULL DEFAULT '',
    focus_x double precision NOT NULL DEFAULT 0 CHECK (focus_x BETWEEN -1 AND 1),
    focus_y double precision NOT NULL DEFAULT 0 CHECK (focus_y BETWEEN -1 AND 1),
    description text NOT NULL DEFAULT '',
    remote_url text,
    stored_at timestamptz,
    used_at timestamptz NOT NULL DEFAULT now(),
    retry_at timestamptz NOT NULL DEFAULT 'epoch',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX media_post_idx ON media (post_id, place) WHERE post_id IS NOT NULL;
CREATE INDEX media_account_idx ON media (account_id, purpose);
CREATE INDEX media_loose_idx ON media (created_at) WHERE post_id IS NULL AND purpose = 'post';
CREATE INDEX media_cached_idx ON media (used_at) WHERE remote_url IS NOT NULL AND stored_at IS NOT NULL;

-- Files whose row is gone: removed by the sweep, and only then forgotten.
CREATE TABLE lost_files (
    name text PRIMARY KEY,
    lost_at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION lose_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lost_files (name) SELECT name FROM gone ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER media_gone AFTER DELETE ON media REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION lose_files();

-- Names of the pictures in use; empty for none.
ALTER TABLE accounts ADD COLUMN avatar text NOT NULL DEFAULT '', ADD COLUMN banner text NOT NULL DEFAULT '';

-- Marked by its author, with or without a warning in words.
ALTER TABLE posts ADD COLUMN sensitive boolean NOT NULL DEFAULT false;
