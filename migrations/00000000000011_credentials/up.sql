-- Credentials: what clinicians claim, what registers say, and what institutions state and sign about it.

-- Facets of the directory, and the badge as pages show it: kept beside the name, so that a page asks nothing more for it.
ALTER TABLE accounts
    ADD COLUMN place text NOT NULL DEFAULT '',
    ADD COLUMN badge jsonb,
    ADD COLUMN badge_until timestamptz,
    -- The name as it looks, whatever letters it is made of (Unicode TR 39).
    ADD COLUMN name_skeleton text NOT NULL DEFAULT '';
CREATE INDEX accounts_badge_idx ON accounts (badge_until) WHERE badge IS NOT NULL;
CREATE INDEX accounts_skeleton_idx ON accounts (name_skeleton) WHERE name_skeleton <> '';

-- How far we believe what the institutions of another server state.
ALTER TABLE hosts
    ADD COLUMN trust text NOT NULL DEFAULT 'claim' CHECK (trust IN ('none', 'claim', 'trusted')),
    -- Keys of disciplines; empty means all.
    ADD COLUMN trusted_disciplines text[] NOT NULL DEFAULT '{}';

ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost', 'poll', 'post', 'edit', 'sign_up', 'report',
        'credential', 'desk'));

-- As before; word of one's own credentials and of the desk is never kept apart.
CREATE OR REPLACE FUNCTION notification_fate(who bigint, other bigint, kind text, post bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules notification_policies;
    fates text[] := '{}';
BEGIN
    IF who = other THEN
        RETURN 'accept';
    END IF;
    IF shuns(who, other) OR (post IS NOT NULL AND kind <> 'poll' AND thread_muted(who, post)) THEN
        RETURN 'drop';
    END IF;
    SELECT * INTO rules FROM notification_policies p WHERE p.account_id = who;
    IF NOT FOUND OR kind IN ('poll', 'edit', 'post', 'sign_up', 'report', 'credential', 'desk')
        OR EXISTS (SELECT 1 FROM notification_permissions p WHERE p.account_id = who AND p.from_id = other) THEN
        RETURN 'accept';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = who AND f.target_id = other AND f.state = 'accepted') THEN
        fates := fates || rules.not_following;
        IF kind IN ('mention', 'reply') AND EXISTS (SELECT 1 FROM posts p WHERE p.id = post AND p.visibility = 'direct')
            AND NOT EXISTS (SELECT 1 FROM posts p JOIN posts q ON q.id = p.reply_to_id WHERE p.id = post AND q.author_id = who) THEN
            fates := fates || rules.private_mentions;
        END IF;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = other AND f.target_id = who AND f.state = 'accepted') THEN
        fates := fates || rules.not_followers;
    END IF;
    IF EXISTS (SELECT 1 FROM accounts a WHERE a.id = other AND a.created_at > now() - interval '30 days') THEN
        fates := fates || rules.new_accounts;
    END IF;
    IF EXISTS (SELECT 1 FROM accounts a JOIN hosts h ON h.id = a.host_id WHERE a.id = other AND h.state = 'limited') THEN
        fates := fates || rules.limited_accounts;
    END IF;
    RETURN CASE WHEN 'drop' = ANY(fates) THEN 'drop' WHEN 'filter' = ANY(fates) THEN 'filter' ELSE 'accept' END;
END
$$;

-- Secrets of the house other than keys of accounts, sealed.
CREATE TABLE house_secrets (
    name text PRIMARY KEY,
    sealed bytea NOT NULL
);

CREATE TABLE credentials (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id),
    kind text NOT NULL CHECK (kind IN ('registration', 'specialist', 'degree', 'employment', 'training')),
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'in_review', 'needs_information',
        'attested', 'rejected', 'expired', 'recheck_due', 'suspended', 'revoked', 'withdrawn')),
    level smallint NOT NULL DEFAULT 1 CHECK (level BETWEEN 1 AND 4),
    -- A key of the table of registers; empty where no register keeps it.
    register text NOT NULL DEFAULT '',
    -- The issuing body in words.
    body text NOT NULL,
    -- ISO 3166-1, or 3166-2 for a part of a country.
    jurisdiction text NOT NULL,
    number_sealed bytea,
    -- HMAC of register and number under a key that is sealed in house_secrets: finds equal numbers, tells none.
    number_index bytea,
    discipline text NOT NULL,
    -- NUCC codes.
    specialties text[] NOT NULL DEFAULT '{}',
    family_name text NOT NULL,
    given_names text NOT NULL,
    -- Such as "Consultant", or the job of an employment.
    role text NOT NULL DEFAULT '',
    issued_on date,
    expires_on date,
    -- Who wrote it: the clinician, or the institution's staff list.
    source text NOT NULL DEFAULT 'clinician' CHECK (source IN ('clinician', 'staff')),
    renews bigint REFERENCES credentials (id),
    -- The verifier who works on it.
    claimed_by bigint REFERENCES accounts (id),
    claimed_at timestamptz,
    -- Where two persons decide: who said yes first.
    confirmed_by bigint REFERENCES accounts (id),
    -- Who attested or suspended it last.
    decided_by bigint REFERENCES accounts (id),
    -- Items of the register's checklist that were ticked.
    ticked text[] NOT NULL DEFAULT '{}',
    -- What was seen as evidence, in the verifier's words: stays when the evidence is gone.
    seen text NOT NULL DEFAULT '',
    -- Why a re-check is due.
    recheck_reason text NOT NULL DEFAULT '',
    recheck_by timestamptz,
    submitted_at timestamptz,
    decided_at timestamptz,
    checked_on date,
    next_check_on date,
    -- Days before expiry of the last reminder.
    reminded_days smallint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX credentials_account_idx ON credentials (account_id, id);
CREATE INDEX credentials_number_idx ON credentials (number_index) WHERE number_index IS NOT NULL;
CREATE INDEX credentials_queue_idx ON credentials (submitted_at, id)
    WHERE state IN ('submitted', 'in_review', 'needs_information', 'recheck_due');
CREATE INDEX credentials_clock_idx ON credentials (state, expires_on) WHERE state IN ('attested', 'recheck_due', 'suspended');
CREATE INDEX credentials_register_idx ON credentials (register) WHERE state IN ('attested', 'recheck_due', 'suspended');

-- The moves that a credential may make; the same table as in CredentialState.
CREATE FUNCTION check_credential_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (VALUES
        ('draft', 'submitted'), ('draft', 'withdrawn'),
        ('submitted', 'in_review'), ('submitted', 'attested'), ('submitted', 'withdrawn'),
        ('in_review', 'submitted'), ('in_review', 'needs_information'), ('in_review', 'attested'),
        ('in_review', 'rejected'), ('in_review', 'withdrawn'),
        ('needs_information', 'submitted'), ('needs_information', 'in_review'), ('needs_information', 'rejected'),
        ('needs_information', 'withdrawn'),
        ('attested', 'expired'), ('attested', 'recheck_due'), ('attested', 'suspended'), ('attested', 'revoked'),
        ('attested', 'withdrawn'),
        ('recheck_due', 'attested'), ('recheck_due', 'expired'), ('recheck_due', 'suspended'),
        ('recheck_due', 'revoked'), ('recheck_due', 'withdrawn'),
        ('suspended', 'attested'), ('suspended', 'expired'), ('suspended', 'revoked'), ('suspended', 'withdrawn')) THEN
        RAISE EXCEPTION 'a credential that is % cannot become %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credentials_move_check';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER credentials_move BEFORE UPDATE OF state ON credentials
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION check_credential_move();

-- What happened to a credential, as its holder and the desk read it: only added to.
CREATE TABLE credential_events (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    credential_id bigint NOT NULL REFERENCES credentials (id),
    -- Who; none where the clock or a register did it.
    actor_id bigint REFERENCES accounts (id),
    -- The new state; none for a word between the two sides.
    state text,
    text_sealed bytea,
    at timestamptz NOT NULL
);
CREATE INDEX credential_events_credential_idx ON credential_events (credential_id, id);

CREATE TABLE evidence (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    credential_id bigint NOT NULL REFERENCES credentials (id),
    label text NOT NULL,
    media_type text NOT NULL CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png')),
    bytes integer NOT NULL,
    -- SHA-256 of what was sent: stays.
    digest bytea NOT NULL,
    -- Gone some time after the decision.
    sealed bytea,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX evidence_credential_idx ON evidence (credential_id, id);
ALTER TABLE evidence ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- A code sent to a mailbox of the institution, and whether it came back.
CREATE TABLE mailbox_proofs (
    credential_id bigint PRIMARY KEY REFERENCES credentials (id),
    email text NOT NULL,
    code_hash bytea NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    sent_at timestamptz NOT NULL,
    proven_at timestamptz
);

-- Copies of registers. The rows of each lie in a partition of their own, which goes with it.
CREATE TABLE register_snapshots (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    register text NOT NULL,
    taken_on date NOT NULL,
    file_name text NOT NULL,
    state text NOT NULL DEFAULT 'loading' CHECK (state IN ('loading', 'current', 'replaced', 'failed')),
    rows bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    bytes_read bigint NOT NULL DEFAULT 0,
    bytes_total bigint NOT NULL DEFAULT 0,
    rechecks bigint NOT NULL DEFAULT 0,
    error text NOT NULL DEFAULT '',
    started_by bigint REFERENCES accounts (id) ON DELETE SET NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE UNIQUE INDEX register_snapshots_current_key ON register_snapshots (register) WHERE state = 'current';

CREATE TABLE register_entries (
    snapshot_id bigint NOT NULL,
    number_index bytea NOT NULL,
    family_name text NOT NULL,
    given_names text NOT NULL,
    -- Folded: no case, no marks, letters alone.
    family_folded text NOT NULL,
    given_folded text NOT NULL,
    discipline text NOT NULL,
    specialties text[] NOT NULL,
    status text NOT NULL,
    active boolean NOT NULL,
    valid_until date,
    conditions text NOT NULL
) PARTITION BY LIST (snapshot_id);

-- Codes of specialties with labels, from a file of the operator's: more than those that we have in code.
CREATE TABLE specialties (
    code text PRIMARY KEY,
    label text NOT NULL
);

-- Keys that the institution signs statements with, apart from all keys for HTTP.
CREATE TABLE issuing_keys (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    uri text NOT NULL UNIQUE,
    public_key text NOT NULL,
    seed_sealed bytea NOT NULL,
    -- The signed word of the key before it, JSON; none for the first, and after a theft.
    endorsement text,
    created_at timestamptz NOT NULL,
    -- Signs no more, still vouches for what it signed.
    retired_at timestamptz,
    -- Stolen or lost: nothing that it signed holds.
    revoked_at timestamptz
);

-- Statements about practitioners: ours (credential_id is set) and those of other institutions.
CREATE TABLE attestations (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    -- The last part of its page's address.
    token text NOT NULL UNIQUE,
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uri text NOT NULL,
    issuer_uri text NOT NULL,
    -- The statement as it was signed, canonical JSON.
    document text NOT NULL,
    name text NOT NULL,
    discipline text NOT NULL DEFAULT '',
    specialties jsonb NOT NULL DEFAULT '[]',
    register text NOT NULL DEFAULT '',
    jurisdiction text NOT NULL DEFAULT '',
    level smallint NOT NULL DEFAULT 0,
    checked_on date,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Ours alone.
    credential_id bigint REFERENCES credentials (id),
    list_number integer,
    list_index integer,
    suspended_at timestamptz,
    ended_at timestamptz,
    -- Others' alone: what the last check found ('holds', or the word of a fault), when it was last confirmed by a fresh list,
    -- and when it is looked at again.
    verdict text NOT NULL DEFAULT 'unchecked',
    confirmed_at timestamptz,
    check_at timestamptz,
    CHECK ((credential_id IS NULL) = (list_index IS NULL)),
    UNIQUE (account_id, uri),
    UNIQUE (list_number, list_index)
);
CREATE INDEX attestations_credential_idx ON attestations (credential_id) WHERE credential_id IS NOT NULL;
CREATE INDEX attestations_check_idx ON attestations (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX attestations_issuer_idx ON attestations (issuer_uri);

-- Our status lists as they were last signed; cleared by each change of a bit.
CREATE TABLE status_lists (
    number integer NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('revocation', 'suspension')),
    document text,
    signed_at timestamptz,
    PRIMARY KEY (number, purpose)
);

-- Institutions of other servers that have signed something.
CREATE TABLE issuers (
    uri text PRIMARY KEY,
    host_id bigint NOT NULL REFERENCES hosts (id),
    name text NOT NULL DEFAULT '',
    document text,
    fetched_at timestamptz,
    -- Multikeys that we know to be theirs.
    pinned text[] NOT NULL DEFAULT '{}',
    -- Keys that came without the word of one that we knew: nothing is believed until an admin has looked.
    changed_at timestamptz
);
CREATE INDEX issuers_host_idx ON issuers (host_id);

-- Status lists of other institutions as we last got them.
CREATE TABLE fetched_lists (
    uri text PRIMARY KEY,
    issuer_uri text NOT NULL REFERENCES issuers (uri) ON DELETE CASCADE,
    document text NOT NULL,
    fetched_at timestamptz NOT NULL,
    stale_at timestamptz NOT NULL
);

-- Heads of the audit log, signed once a day with the institution's issuing key.
CREATE TABLE audit_heads (
    day date PRIMARY KEY,
    seq bigint NOT NULL,
    document text NOT NULL
);

ALTER TABLE audit DROP CONSTRAINT audit_action_check;
ALTER TABLE audit ADD CONSTRAINT audit_action_check CHECK (action IN (
    'create_account', 'set_role', 'set_password', 'confirm_email', 'close_account', 'rotate_keys', 'create_token',
    'approve_sign_up', 'reject_sign_up', 'create_invitation', 'revoke_invitation', 'decide_host', 'retry_host',
    'resolve_report', 'reopen_report', 'publish_announcement', 'withdraw_announcement', 'retry_dead_letter',
    'discard_dead_letter',
    'submit_credential', 'claim_credential', 'release_credential', 'ask_about_credential', 'answer_about_credential',
    'prove_mailbox', 'add_evidence', 'see_evidence', 'see_number', 'delete_evidence', 'confirm_credential',
    'attest_credential', 'reject_credential', 'suspend_credential', 'reinstate_credential', 'revoke_credential',
    'expire_credential', 'recheck_credential', 'withdraw_credential', 'set_next_check', 'import_register',
    'import_staff', 'trust_host', 'confirm_issuer', 'rotate_issuing_key', 'rotate_instance_key'));
ALTER TABLE audit DROP CONSTRAINT audit_subject_kind_check;
ALTER TABLE audit ADD CONSTRAINT audit_subject_kind_check CHECK (subject_kind IN
    ('account', 'host', 'invitation', 'report', 'announcement', 'dead_letter', 'credential', 'register', 'issuer', 'instance'));

-- The directory where it is asked for verified people, and as hospital programs read it: our own people alone.
CREATE INDEX accounts_verified_idx ON accounts (id) WHERE badge IS NOT NULL AND discoverable AND state = 'active' AND kind = 'person';
CREATE INDEX accounts_practitioners_idx ON accounts (id) WHERE host_id IS NULL AND discoverable AND state = 'active' AND kind = 'person';
