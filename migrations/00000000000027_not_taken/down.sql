ALTER TABLE posts DROP COLUMN refusal;
-- It is seen by its author alone, as what is on its way.
UPDATE posts SET held = 'sent' WHERE held = 'refused';
ALTER TABLE posts DROP CONSTRAINT posts_held_check;
ALTER TABLE posts ADD CONSTRAINT posts_held_check
    CHECK (held IN ('', 'premoderation', 'screening', 'review', 'sent', 'waits'));
