CREATE INDEX accounts_name_idx ON accounts (lower(name) text_pattern_ops);
DROP INDEX accounts_words_idx;
DROP FUNCTION account_words(text, text, text);
DROP INDEX posts_words_idx;
ALTER TABLE posts DROP COLUMN words;
CREATE INDEX posts_words_idx ON posts USING gin (post_words(title, warning, html))
    WHERE deleted_at IS NULL AND boost_of_id IS NULL;
