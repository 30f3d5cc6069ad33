-- What one of ours writes in a group of another server is on its way to it, or waits there for a moderator, until the group
-- shows it: until then its author alone sees it here.
ALTER TABLE posts DROP CONSTRAINT posts_held_check;
ALTER TABLE posts ADD CONSTRAINT posts_held_check
    CHECK (held IN ('', 'premoderation', 'screening', 'review', 'sent', 'waits'));

-- Admins decide about groups that nobody owns.
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
    'archive_group', 'pass_on_group'));
