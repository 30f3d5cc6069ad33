-- What one of ours writes in a group of another server is on its way to it, or waits there for a moderator, until the group
-- shows it: until then its author alone sees it here.
ALTER TABLE posts DROP CONSTRAINT posts_held_check;
ALTER TABLE posts ADD CONSTRAINT posts_held_check
    CHECK (held IN ('', 'premoderation', 'screening', 'review', 'sent', 'waits'));
