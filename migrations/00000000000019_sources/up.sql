-- What is known of a source, by its DOI or PMID, for everybody who names it. Each is asked about once.
CREATE TABLE sources (
    scheme text NOT NULL CHECK (scheme IN ('doi', 'pmid')),
    name text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'known', 'unknown', 'unreachable')),
    title text NOT NULL DEFAULT '',
    container text NOT NULL DEFAULT '',
    year integer,
    retracted boolean NOT NULL DEFAULT false,
    fetched_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    -- When it is asked about next; empty where it is not, or not any more.
    ask_at timestamptz,
    -- When somebody last named it: what nobody names any more is forgotten.
    cited_at timestamptz NOT NULL,
    PRIMARY KEY (scheme, name)
);
CREATE INDEX sources_ask_idx ON sources (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX sources_cited_idx ON sources (cited_at);

-- What a case or a reply stands on, in the order in which it says so.
CREATE TABLE post_sources (
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    place smallint NOT NULL,
    scheme text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (post_id, place),
    FOREIGN KEY (scheme, name) REFERENCES sources (scheme, name)
);
CREATE INDEX post_sources_source_idx ON post_sources (scheme, name);

-- Until when somebody asks about a source, and from when on the next one may be asked about: one at a time, in one process.
ALTER TABLE instance ADD COLUMN sources_turn_at timestamptz;
