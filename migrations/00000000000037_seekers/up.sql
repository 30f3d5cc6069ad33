-- People of other servers who ask to join groups of ours that ask for something which is not proven of them yet: what is stated about
-- them is looked at first, and they are answered then.
CREATE TABLE group_seekers (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    -- Of their Follow.
    uri text NOT NULL,
    reason text NOT NULL,
    -- Of the link that they hold; empty for none.
    code_hash bytea NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (account_id, group_id)
);
CREATE INDEX group_seekers_group_idx ON group_seekers (group_id);
CREATE INDEX group_seekers_since_idx ON group_seekers (since);
