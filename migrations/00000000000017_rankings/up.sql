-- Options of a case, ranked by the members of its group. The options themselves stand in the body of the case.

-- Who chose what: kept where the group lives, and shown to nobody. Elsewhere the ranks are empty: there it is known only that
-- somebody has ranked.
CREATE TABLE case_ballots (
    post_id bigint NOT NULL REFERENCES cases (post_id) ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What was verified when they first ranked: the key of a discipline, or 'unverified'.
    discipline text NOT NULL,
    -- Places of options, counted from 0, the first choice first.
    ranks smallint[] NOT NULL CHECK (cardinality(ranks) <= 3),
    -- It is new, or another one than the last count saw.
    fresh boolean NOT NULL DEFAULT true,
    -- The last count saw a ballot of theirs.
    counted boolean NOT NULL DEFAULT false,
    cast_at timestamptz NOT NULL,
    PRIMARY KEY (post_id, account_id)
);
CREATE INDEX case_ballots_account_idx ON case_ballots (account_id);

-- What came of it at the last count, without small numbers: our own count, or what the group's server tells.
CREATE TABLE case_rankings (
    post_id bigint PRIMARY KEY REFERENCES cases (post_id) ON DELETE CASCADE,
    -- A Ranking.
    result jsonb NOT NULL,
    -- Disciplines of ballots that were counted and have gone since.
    dropped text[] NOT NULL DEFAULT '{}'
);
