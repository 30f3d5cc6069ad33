-- A case is a post in a group that has structure. What it asks is the title of its post, and all that it tells stands in the
-- post's text too, for readers and servers that know no cases.
CREATE TABLE cases (
    post_id bigint PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    report boolean NOT NULL DEFAULT false,
    urgency text NOT NULL CHECK (urgency IN ('routine', 'soon', 'today')),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'resolved', 'withdrawn')),
    specialties text[] NOT NULL DEFAULT '{}',
    -- A CaseBody: patient, sections, timeline.
    body jsonb NOT NULL,
    -- What the author kept although it was marked, with the reasons: for whoever looks at it second. Gone after that.
    kept_sealed bytea,
    answer_id bigint REFERENCES posts (id) ON DELETE SET NULL,
    first_answer_at timestamptz,
    outcome text NOT NULL DEFAULT '',
    outcome_html text NOT NULL DEFAULT '',
    outcome_at timestamptz,
    asked_at timestamptz NOT NULL
);
CREATE INDEX cases_waiting_idx ON cases (group_id, asked_at) WHERE state = 'open';
CREATE INDEX cases_group_idx ON cases (group_id, post_id);
CREATE INDEX cases_asked_idx ON cases (group_id, asked_at);

-- A case that is being written: a CaseDraft, sealed.
CREATE TABLE case_drafts (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX case_drafts_account_idx ON case_drafts (account_id, id);

-- A picture of a case that is being written, before anything is covered: sealed, and gone once the case is posted.
CREATE TABLE case_pictures (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    draft_id bigint NOT NULL REFERENCES case_drafts (id) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    mime text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL
);
CREATE INDEX case_pictures_draft_idx ON case_pictures (draft_id);

-- What was found that could identify a patient, and what became of it: kinds and counts, never words.
CREATE TABLE case_findings (
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    kind text NOT NULL,
    found integer NOT NULL,
    kept integer NOT NULL,
    PRIMARY KEY (post_id, kind)
);

-- How the patient agreed. The form itself stays in the hospital.
CREATE TABLE case_consents (
    post_id bigint PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    basis text NOT NULL CHECK (basis IN ('written', 'not_identifiable', 'next_of_kin', 'institution')),
    scope text NOT NULL CHECK (scope IN ('group', 'network', 'public', 'teaching')),
    holder text NOT NULL DEFAULT '',
    given_on date,
    expires_on date,
    form_hash text NOT NULL DEFAULT '',
    -- When its author was told that it ends.
    reminded_at timestamptz,
    withdrawn_at timestamptz
);
CREATE INDEX case_consents_expiry_idx ON case_consents (expires_on) WHERE expires_on IS NOT NULL AND withdrawn_at IS NULL;

-- A case is taken back everywhere.
CREATE TABLE case_recalls (
    post_id bigint PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    reason text NOT NULL CHECK (reason IN ('consent_withdrawn', 'consent_expired', 'identifiable', 'mistake', 'moderators')),
    started_by bigint REFERENCES accounts (id) ON DELETE SET NULL,
    started_at timestamptz NOT NULL
);

-- Which servers got a post in a group, and where a recall of it stands with them.
CREATE TABLE case_copies (
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    host_id bigint NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'has' CHECK (state IN ('has', 'told', 'acknowledged', 'serving', 'gone')),
    checked_at timestamptz,
    next_check_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    PRIMARY KEY (post_id, host_id)
);
CREATE INDEX case_copies_due_idx ON case_copies (next_check_at) WHERE next_check_at IS NOT NULL;

-- What members choose to be asked; no row where they never chose.
CREATE TABLE case_wishes (
    account_id bigint PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    specialties text[] NOT NULL DEFAULT '{}',
    mail boolean NOT NULL DEFAULT false,
    mailed_at timestamptz
);
CREATE INDEX case_wishes_due_idx ON case_wishes (mailed_at NULLS FIRST) WHERE mail;

-- When a second member looks at a case before the group sees it: where the author kept marks, or always.
ALTER TABLE groups ADD COLUMN review text NOT NULL DEFAULT 'kept' CHECK (review IN ('kept', 'all'));

-- Conflicts of interest, as declared by their holder.
ALTER TABLE accounts ADD COLUMN interests text NOT NULL DEFAULT '';
ALTER TABLE posts ADD COLUMN interests text NOT NULL DEFAULT '';

ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse', 'review', 'recall'));

ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost', 'poll', 'post', 'edit', 'sign_up', 'report',
        'credential', 'desk', 'group', 'group_desk', 'case', 'case_review'));
