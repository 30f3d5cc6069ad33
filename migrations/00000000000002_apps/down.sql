DROP INDEX likes_account_idx;
ALTER TABLE posts DROP COLUMN markup;
DROP TABLE oauth_codes;
DELETE FROM access_tokens WHERE account_id IS NULL;
ALTER TABLE access_tokens DROP COLUMN app_id, ALTER COLUMN account_id SET NOT NULL;
DROP TABLE apps;
