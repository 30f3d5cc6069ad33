-- The words of a post are kept with it: to look through the newest posts for a frequent word costs little then.
DROP INDEX posts_words_idx;
ALTER TABLE posts ADD COLUMN words tsvector GENERATED ALWAYS AS (post_words(title, warning, html)) STORED;
CREATE INDEX posts_words_idx ON posts USING gin (words) WHERE deleted_at IS NULL AND boost_of_id IS NULL;

-- The words by which people are found: user name, server and name. Whatever is no letter or digit becomes a blank.
CREATE FUNCTION account_words(username text, host text, name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple'::regconfig, regexp_replace(username || ' ' || coalesce(host, '') || ' ' || name, '[^[:alnum:]]+', ' ', 'g'))
$$;
CREATE INDEX accounts_words_idx ON accounts USING gin (account_words(username, host, name)) WHERE state = 'active';
DROP INDEX accounts_name_idx;
