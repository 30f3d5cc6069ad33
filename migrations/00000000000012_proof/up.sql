-- What is stated holds only for what was looked at: names, suspensions and logs that cannot be slipped past the desk.

-- People are listed where they have chosen to be.
ALTER TABLE accounts ALTER COLUMN discoverable SET DEFAULT false;

-- A badge stands beside the name that was checked, and beside no other, whoever changes the name.
CREATE FUNCTION drop_badge_of_other_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.badge := NULL;
    NEW.badge_until := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_badge_name BEFORE UPDATE OF name ON accounts
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION drop_badge_of_other_name();

-- Names are looked at anew: what counts as a title has changed.
UPDATE accounts SET name_skeleton = '' WHERE name_skeleton <> '';
CREATE INDEX accounts_unseen_idx ON accounts (id) WHERE name_skeleton = '' AND name <> '';

-- As before; what was to be looked at again when it was suspended goes back to the desk.
CREATE OR REPLACE FUNCTION check_credential_move() RETURNS trigger LANGUAGE plpgsql AS $$
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
        ('suspended', 'attested'), ('suspended', 'recheck_due'), ('suspended', 'expired'), ('suspended', 'revoked'),
        ('suspended', 'withdrawn')) THEN
        RAISE EXCEPTION 'a credential that is % cannot become %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credentials_move_check';
    END IF;
    RETURN NEW;
END
$$;

-- The institution's post that says the same as an announcement: it goes with it.
ALTER TABLE announcements ADD COLUMN post_id bigint REFERENCES posts (id) ON DELETE SET NULL;
UPDATE announcements n SET post_id = (SELECT max(p.id) FROM posts p JOIN accounts a ON a.id = p.author_id
    WHERE a.host_id IS NULL AND a.kind = 'organization' AND p.source = n.source AND p.deleted_at IS NULL);
CREATE INDEX announcements_post_idx ON announcements (post_id) WHERE post_id IS NOT NULL;

-- One mailbox that stands for two people is shown to the desk.
CREATE INDEX mailbox_proofs_email_idx ON mailbox_proofs (lower(email)) WHERE proven_at IS NOT NULL;

-- Lists go with their institution.
CREATE INDEX fetched_lists_issuer_idx ON fetched_lists (issuer_uri);

-- What happened to a credential stays as it was written; only the seal around it may change.
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.credential_id, NEW.at) = (OLD.id, OLD.credential_id, OLD.at)
        AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id AND NEW.state IS NOT DISTINCT FROM OLD.state THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what happened to a credential is only added to';
END
$$;
CREATE TRIGGER credential_events_append_only BEFORE UPDATE OR DELETE ON credential_events
    FOR EACH ROW EXECUTE FUNCTION refuse_event_change();

-- The right itself is gone, beside the trigger that refuses.
REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM PUBLIC, CURRENT_USER;

ALTER TABLE audit DROP CONSTRAINT audit_action_check;
ALTER TABLE audit ADD CONSTRAINT audit_action_check CHECK (action IN (
    'create_account', 'set_role', 'set_password', 'confirm_email', 'close_account', 'rotate_keys', 'create_token',
    'approve_sign_up', 'reject_sign_up', 'create_invitation', 'revoke_invitation', 'decide_host', 'retry_host',
    'resolve_report', 'reopen_report', 'publish_announcement', 'withdraw_announcement', 'retry_dead_letter',
    'discard_dead_letter',
    'submit_credential', 'claim_credential', 'release_credential', 'ask_about_credential', 'answer_about_credential',
    'prove_mailbox', 'add_evidence', 'see_evidence', 'see_number', 'delete_evidence', 'check_credential',
    'confirm_credential', 'attest_credential', 'reject_credential', 'suspend_credential', 'reinstate_credential',
    'revoke_credential', 'expire_credential', 'recheck_credential', 'withdraw_credential', 'set_next_check',
    'import_register', 'import_specialties', 'import_staff', 'trust_host', 'confirm_issuer', 'rotate_issuing_key',
    'rotate_instance_key'));
