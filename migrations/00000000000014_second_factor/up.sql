-- A second factor of signing in: codes of an app, and codes on paper for when the app is lost.

-- There is a row where it is on. The last step of time whose code was taken is kept, so that each code works once.
CREATE TABLE second_factors (
    account_id bigint PRIMARY KEY REFERENCES users (account_id) ON DELETE CASCADE,
    seed_sealed bytea NOT NULL,
    last_step bigint NOT NULL,
    turned_on_at timestamptz NOT NULL
);

CREATE TABLE recovery_codes (
    account_id bigint NOT NULL REFERENCES second_factors (account_id) ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    PRIMARY KEY (account_id, code_hash)
);

-- Whoever has given the password and not yet a code.
CREATE TABLE sign_in_steps (
    token_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES users (account_id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_steps_account_idx ON sign_in_steps (account_id);

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
    'rotate_instance_key'));
