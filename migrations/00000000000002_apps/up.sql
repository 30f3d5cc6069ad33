-- Programs that act for people, by OAuth 2.
CREATE TABLE apps (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    client_id text NOT NULL UNIQUE,
    secret_hash bytea NOT NULL,
    name text NOT NULL,
    website text NOT NULL DEFAULT '',
    redirect_uris text[] NOT NULL,
    scopes text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Tokens of an app itself have no account.
ALTER TABLE access_tokens ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE access_tokens ADD COLUMN app_id bigint REFERENCES apps (id) ON DELETE CASCADE;

-- Each works once; a second use revokes the token that came of the first.
CREATE TABLE oauth_codes (
    code_hash bytea PRIMARY KEY,
    app_id bigint NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    redirect_uri text NOT NULL,
    scopes text NOT NULL,
    challenge text NOT NULL DEFAULT '',
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    token_id bigint REFERENCES access_tokens (id) ON DELETE SET NULL
);

-- What a post was typed as.
ALTER TABLE posts ADD COLUMN markup text NOT NULL DEFAULT 'markdown' CHECK (markup IN ('markdown', 'plain'));

CREATE INDEX likes_account_idx ON likes (account_id, id);
