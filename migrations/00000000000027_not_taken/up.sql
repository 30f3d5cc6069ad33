-- What a group of another server did not take, and why, as that server says: its author alone sees it here.
ALTER TABLE posts DROP CONSTRAINT posts_held_check;
ALTER TABLE posts ADD CONSTRAINT posts_held_check
    CHECK (held IN ('', 'premoderation', 'screening', 'review', 'sent', 'waits', 'refused'));
ALTER TABLE posts ADD COLUMN refusal text NOT NULL DEFAULT '';
