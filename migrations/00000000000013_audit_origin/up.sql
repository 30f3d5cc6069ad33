-- From where a deed was done: the network address of whoever asked for it. Entries from before have none, and what has
-- none is hashed without it.
ALTER TABLE audit ADD COLUMN origin text NOT NULL DEFAULT '' CHECK (length(origin) <= 64);
