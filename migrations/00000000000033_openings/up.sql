-- Documents of credentials that it takes two persons to open: one asks, another agrees, and it opens once. In an emergency one
-- person opens it alone, with a reason.

CREATE TABLE evidence_openings (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    evidence_id bigint NOT NULL REFERENCES evidence (id),
    asked_by bigint NOT NULL REFERENCES accounts (id),
    asked_at timestamptz NOT NULL,
    -- Why, in an emergency.
    reason text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'agreed', 'refused', 'lapsed', 'alone')),
    decided_by bigint REFERENCES accounts (id),
    decided_at timestamptz,
    -- It was opened, and does not open again.
    used_at timestamptz,
    CHECK (state <> 'agreed' OR (decided_at IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> asked_by)),
    CHECK (state <> 'alone' OR (decided_at IS NOT NULL AND decided_by IS NULL AND reason <> ''))
);
CREATE UNIQUE INDEX evidence_openings_asked_key ON evidence_openings (evidence_id) WHERE state = 'asked';
CREATE INDEX evidence_openings_evidence_idx ON evidence_openings (evidence_id, id);
CREATE INDEX evidence_openings_open_idx ON evidence_openings (asked_at) WHERE used_at IS NULL AND state IN ('asked', 'agreed');
CREATE INDEX evidence_openings_alone_idx ON evidence_openings (asked_by, id) WHERE state = 'alone';

ALTER TABLE notifications DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_kind_check CHECK
    (kind IN ('follow', 'follow_request', 'mention', 'reply', 'like', 'boost', 'poll', 'post', 'edit', 'sign_up', 'report',
        'credential', 'desk', 'evidence', 'emergency', 'group', 'group_desk', 'case', 'case_review'));

ALTER TABLE audit DROP CONSTRAINT audit_action_check;
ALTER TABLE audit ADD CONSTRAINT audit_action_check CHECK (action IN (
    'create_account', 'set_role', 'set_password', 'confirm_email', 'close_account', 'rotate_keys', 'create_token',
    'turn_on_second_factor', 'turn_off_second_factor', 'replace_second_factor', 'reset_second_factor',
    'approve_sign_up', 'reject_sign_up', 'create_invitation', 'revoke_invitation', 'decide_host', 'retry_host',
    'resolve_report', 'reopen_report', 'publish_announcement', 'withdraw_announcement', 'retry_dead_letter',
    'discard_dead_letter',
    'submit_credential', 'claim_credential', 'release_credential', 'ask_about_credential', 'answer_about_credential',
    'prove_mailbox', 'add_evidence', 'see_evidence', 'ask_evidence', 'agree_evidence', 'refuse_evidence',
    'break_glass', 'see_number', 'delete_evidence', 'check_credential',
    'confirm_credential', 'attest_credential', 'reject_credential', 'suspend_credential', 'reinstate_credential',
    'revoke_credential', 'expire_credential', 'recheck_credential', 'withdraw_credential', 'set_next_check',
    'import_register', 'import_specialties', 'import_staff', 'trust_host', 'confirm_issuer', 'rotate_issuing_key',
    'rotate_instance_key', 'ask_opening', 'open_asker', 'refuse_opening',
    'archive_group', 'pass_on_group', 'strike_version'));
