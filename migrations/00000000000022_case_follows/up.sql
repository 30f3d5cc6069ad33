-- What is proven of people, kept beside their badge, so that whoever asks for it asks nothing more: of each statement that an
-- institution stands by, the discipline, the codes of its specialties, and when it ends.
ALTER TABLE accounts ADD COLUMN proven jsonb NOT NULL DEFAULT '[]';

-- It goes with the name that was checked, as the badge does.
CREATE OR REPLACE FUNCTION drop_badge_of_other_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.badge := NULL;
    NEW.badge_until := NULL;
    NEW.proven := '[]';
    RETURN NEW;
END
$$;

-- Our own statements. How long others' hold without being confirmed is configured: they come with their next check, within hours.
UPDATE accounts a SET proven = n.proven FROM (
    SELECT t.account_id, jsonb_agg(jsonb_build_object('discipline', t.discipline,
        'codes', jsonb_path_query_array(t.specialties, '$[*].code'), 'until', t.valid_until) ORDER BY t.valid_until DESC, t.id) AS proven
    FROM attestations t JOIN accounts o ON o.id = t.account_id AND o.name = t.name JOIN credentials c ON c.id = t.credential_id
    WHERE c.level >= 4 AND c.state IN ('attested', 'recheck_due') AND t.ended_at IS NULL AND t.suspended_at IS NULL
        AND t.valid_until > now()
    GROUP BY t.account_id) n
WHERE a.id = n.account_id;

-- Who follows a single case: they are told what becomes of it. It ends with the membership in its group.
CREATE TABLE case_follows (
    post_id bigint NOT NULL REFERENCES cases (post_id) ON DELETE CASCADE,
    account_id bigint NOT NULL,
    group_id bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (post_id, account_id),
    FOREIGN KEY (account_id, group_id) REFERENCES follows (follower_id, target_id) ON DELETE CASCADE
);
CREATE INDEX case_follows_member_idx ON case_follows (account_id, group_id);
