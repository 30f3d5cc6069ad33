-- What admins, moderators and the operator did, only ever added to. Each entry carries the hash of the one before it, so
-- that a later change shows. Accounts are written down by id and handle and not referred to: entries outlive them.
CREATE TABLE audit (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    at timestamptz NOT NULL,
    actor_id bigint,
    actor text NOT NULL,
    action text NOT NULL CHECK (action IN (
        'create_account', 'set_role', 'set_password', 'confirm_email', 'close_account', 'rotate_keys', 'create_token',
        'approve_sign_up', 'reject_sign_up', 'create_invitation', 'revoke_invitation', 'decide_host', 'retry_host',
        'resolve_report', 'reopen_report', 'publish_announcement', 'withdraw_announcement', 'retry_dead_letter',
        'discard_dead_letter')),
    subject_kind text NOT NULL
        CHECK (subject_kind IN ('account', 'host', 'invitation', 'report', 'announcement', 'dead_letter')),
    subject_id text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL DEFAULT '',
    details jsonb NOT NULL DEFAULT '{}',
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_actor_idx ON audit (actor, seq);
CREATE INDEX audit_subject_idx ON audit (lower(subject), seq);

-- Refused for every role, also where nothing would change and also while replicating.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_append_only;
