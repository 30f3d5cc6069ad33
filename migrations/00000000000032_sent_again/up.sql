-- Of an earlier version of a post of ours it is known whether anybody else could read it: where a group of another server does not take
-- other words, that is what it goes on showing. What a version had beside its words is kept with it, so that its author can go back to
-- it; of earlier ones that is not known (no `media`).
ALTER TABLE post_edits
    ADD COLUMN shown boolean NOT NULL DEFAULT true,
    ADD COLUMN language text NOT NULL DEFAULT '',
    ADD COLUMN sensitive boolean NOT NULL DEFAULT false,
    ADD COLUMN media bigint[],
    -- The choices of its poll; none where it had none.
    ADD COLUMN choices text[];
