-- Passkeys and security keys, as a second factor of signing in.

-- `credential` is the public key, and what else has to be known of it, as JSON. `counter` is how far it had counted when it was last
-- used; keys that do not count say 0 for ever.
CREATE TABLE passkeys (
    id bigint PRIMARY KEY DEFAULT timestamp_id(),
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    credential_id bytea NOT NULL CONSTRAINT passkeys_credential_key UNIQUE,
    credential text NOT NULL,
    counter bigint NOT NULL DEFAULT 0,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX passkeys_account_idx ON passkeys (account_id);

-- What a browser was asked and has not answered yet: one question for each browser and purpose, which are hashed into `holder`.
CREATE TABLE passkey_questions (
    holder bytea PRIMARY KEY CHECK (octet_length(holder) = 32),
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    state text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_questions_account_idx ON passkey_questions (account_id);

ALTER TABLE audit DROP CONSTRAINT audit_action_check;
ALTER TABLE audit ADD CONSTRAINT audit_action_check CHECK (action IN (
    'create_account', 'set_role', 'set_password', 'confirm_email', 'close_account', 'rotate_keys', 'create_token',
    'turn_on_second_factor', 'turn_off_second_factor', 'replace_second_factor', 'reset_second_factor',
    'add_passkey', 'remove_passkey', 'refuse_passkey',
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
