-- The wider table of audit actions stays: entries that need it cannot be taken out of the log.
ALTER TABLE post_edits
    DROP COLUMN shown,
    DROP COLUMN language,
    DROP COLUMN sensitive,
    DROP COLUMN media,
    DROP COLUMN choices;
