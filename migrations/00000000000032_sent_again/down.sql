ALTER TABLE post_edits
    DROP COLUMN shown,
    DROP COLUMN language,
    DROP COLUMN sensitive,
    DROP COLUMN media,
    DROP COLUMN choices;
