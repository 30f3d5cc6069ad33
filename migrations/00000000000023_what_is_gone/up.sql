-- What tells a post, by that post: with the post goes what waits to tell it.
CREATE INDEX outbox_told_idx ON outbox ((event ->> 'post'))
    WHERE event ->> 'type' IN ('create', 'update', 'poll_counts', 'ranked', 'hand_on');

ALTER TABLE dead_letters
    -- The post that a dead letter tells.
    ADD COLUMN post_id bigint REFERENCES posts (id) ON DELETE CASCADE,
    -- What it said was for a group alone and is not kept: its body is no more than its id and its type.
    ADD COLUMN withheld boolean NOT NULL DEFAULT false;
CREATE INDEX dead_letters_post_idx ON dead_letters (post_id) WHERE post_id IS NOT NULL;

-- An activity; none where the text is no JSON that can be held.
CREATE FUNCTION pg_temp.activity(said text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN said::jsonb;
EXCEPTION WHEN others THEN
    RETURN NULL;
END
$$;

-- The address of the post that an activity tells, bare or inside the Announce of a group.
CREATE FUNCTION pg_temp.told(said jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN said ->> 'type' IN ('Create', 'Update') THEN coalesce(said #>> '{object,id}', said ->> 'object')
        WHEN said ->> 'type' = 'Announce' AND said #>> '{object,type}' IN ('Create', 'Update')
            THEN coalesce(said #>> '{object,object,id}', said #>> '{object,object}') END
$$;

UPDATE outbox o SET event = o.event || jsonb_build_object('post', p.id)
    FROM posts p WHERE o.event ->> 'type' = 'hand_on' AND p.uri = pg_temp.told(pg_temp.activity(o.event ->> 'activity'));
UPDATE dead_letters l SET post_id = p.id FROM posts p WHERE p.uri = pg_temp.told(pg_temp.activity(l.body));

-- What was told of posts that are gone goes after them.
DELETE FROM outbox o USING posts p
    WHERE o.event ->> 'type' IN ('create', 'update', 'poll_counts', 'ranked', 'hand_on') AND o.event ->> 'post' = p.id::text
        AND p.deleted_at IS NOT NULL;
DELETE FROM dead_letters l USING posts p WHERE p.id = l.post_id AND p.deleted_at IS NOT NULL;

-- Of what was for a group alone no words stay among the dead letters, nor of what nobody can read. All else, deletions and the
-- orders of those who lead groups among it, is kept: it says nothing, and can be sent again.
UPDATE dead_letters l SET withheld = true, body = jsonb_strip_nulls(jsonb_build_object(
        'id', pg_temp.activity(l.body) -> 'id', 'type', pg_temp.activity(l.body) -> 'type'))::text
    WHERE l.ended_post_id IS NULL
        AND (EXISTS (SELECT 1 FROM posts p WHERE p.id = l.post_id AND p.visibility = 'group')
            OR EXISTS (SELECT 1 FROM groups g JOIN accounts a ON a.id = g.account_id WHERE g.kind <> 'open'
                AND (l.actor = a.uri OR position('"' || a.uri || '"' IN l.body) > 0)))
        AND (pg_temp.activity(l.body) IS NULL
            OR pg_temp.activity(l.body) ->> 'type' IN ('Create', 'Update', 'Flag')
            OR pg_temp.activity(l.body) #>> '{object,type}' IN ('Create', 'Update', 'Flag'));

DROP FUNCTION pg_temp.told(jsonb);
DROP FUNCTION pg_temp.activity(text);

-- Where a form lies, and its fingerprint, go with the case.
UPDATE case_consents c SET holder = '', form_hash = ''
    FROM posts p WHERE p.id = c.post_id AND p.deleted_at IS NOT NULL AND (c.holder <> '' OR c.form_hash <> '');

-- The language of somebody who asks without their name would tell of them.
UPDATE posts SET language = '' WHERE label <> '' AND local AND language <> '';

-- A case is taken back with the account of whoever asked it.
ALTER TABLE case_recalls DROP CONSTRAINT case_recalls_reason_check;
ALTER TABLE case_recalls ADD CONSTRAINT case_recalls_reason_check CHECK
    (reason IN ('consent_withdrawn', 'consent_expired', 'identifiable', 'mistake', 'moderators', 'author_left'));
