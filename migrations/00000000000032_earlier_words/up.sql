-- Of an earlier version of a post of ours it is known whether anybody else could read it: where a group of another server does not take
-- other words, that is what it goes on showing. What a version had beside its words is kept with it, so that its author can go back to
-- it; of earlier ones that is not known (no `media`).
ALTER TABLE post_edits
    ADD COLUMN shown boolean NOT NULL DEFAULT true,
    ADD COLUMN language text NOT NULL DEFAULT '',
    ADD COLUMN sensitive boolean NOT NULL DEFAULT false,
    ADD COLUMN media bigint[],
    -- The choices of its poll; none where it had none.
    ADD COLUMN choices text[];

-- Moderators of the house strike earlier versions of what was reported to them in groups of ours.
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
    'rotate_instance_key', 'ask_opening', 'open_asker', 'refuse_opening',
    'archive_group', 'pass_on_group', 'strike_version'));
