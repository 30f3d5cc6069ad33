-- How much waits in groups of other servers for those of ours who lead them, as these servers say: numbers, and nothing of what it is.
CREATE TABLE group_waits (
    group_id bigint PRIMARY KEY REFERENCES groups (account_id) ON DELETE CASCADE,
    requests bigint NOT NULL,
    posts bigint NOT NULL
);
