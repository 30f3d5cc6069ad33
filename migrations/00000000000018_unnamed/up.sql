-- Cases that are asked without a name: their posts are the group's own, and who asked is sealed apart from them.

-- What stands in place of a name: "a verified cardiologist"; empty for posts under a name.
ALTER TABLE posts ADD COLUMN label text NOT NULL DEFAULT '';

-- Whether members may ask without their name; as is usual for the kind of the group where it is not said.
ALTER TABLE groups ADD COLUMN unnamed boolean;

-- Who wrote a post that bears a label: an account, sealed. No row refers to an account, and no list reads this beside posts.
-- `owner` is the same for all of one person, under a key of its own: by it they find what they asked themselves.
CREATE TABLE unnamed_authors (
    post_id bigint PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    owner bytea NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX unnamed_authors_owner_idx ON unnamed_authors (owner);

-- A moderator asks to know who asked a case; another one agrees, or refuses.
CREATE TABLE case_openings (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    post_id bigint NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    group_id bigint NOT NULL REFERENCES groups (account_id) ON DELETE CASCADE,
    asked_by bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    reason text NOT NULL,
    asked_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'opened', 'refused', 'lapsed')),
    decided_by bigint REFERENCES accounts (id) ON DELETE CASCADE,
    decided_at timestamptz,
    CHECK (decided_by IS NULL OR decided_by <> asked_by OR state <> 'opened')
);
CREATE UNIQUE INDEX case_openings_waiting_key ON case_openings (post_id) WHERE state = 'asked';
CREATE INDEX case_openings_group_idx ON case_openings (group_id) WHERE state = 'asked';
CREATE INDEX case_openings_post_idx ON case_openings (post_id);

ALTER TABLE group_log DROP CONSTRAINT group_log_deed_check;
ALTER TABLE group_log ADD CONSTRAINT group_log_deed_check CHECK (deed IN (
    'found', 'change', 'admit', 'refuse', 'remove_member', 'ban', 'unban', 'invite', 'appoint', 'dismiss', 'transfer',
    'release', 'remove_post', 'lock', 'unlock', 'pin', 'unpin', 'archive', 'reopen', 'lapse', 'review', 'recall',
    'ask_opening', 'open_asker', 'refuse_opening'));

ALTER TABLE audit DROP CONSTRAINT audit_action_check;
ALTER TABLE audit ADD CONSTRAINT audit_action_check CHECK (action IN (
    'create_account', 'set_role', 'set_password', 'confirm_email', 'close_account', 'rotate_keys', 'create_token',
    'turn_on_second_factor', 'turn_off_second_factor', 'reset_second_factor',
    'approve_sign_up', 'reject_sign_up', 'create_invitation', 'revoke_invitation', 'decide_host', 'retry_host',
    'resolve_report', 'reopen_report', 'publish_announcement', 'withdraw_announcement', 'retry_dead_letter',
    'discard_dead_letter',
    'submit_credential', 'claim_credential', 'release_credential', 'ask_about_credential', 'answer_about_credential',
    'prove_mailbox', 'add_evidence', 'see_evidence', 'see_number', 'delete_evidence', 'check_credential',
    'confirm_credential', 'attest_credential', 'reject_credential', 'suspend_credential', 'reinstate_credential',
    'revoke_credential', 'expire_credential', 'recheck_credential', 'withdraw_credential', 'set_next_check',
    'import_register', 'import_specialties', 'import_staff', 'trust_host', 'confirm_issuer', 'rotate_issuing_key',
    'rotate_instance_key', 'ask_opening', 'open_asker', 'refuse_opening'));
