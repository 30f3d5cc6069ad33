UPDATE case_recalls SET reason = 'mistake' WHERE reason = 'author_left';
ALTER TABLE case_recalls DROP CONSTRAINT case_recalls_reason_check;
ALTER TABLE case_recalls ADD CONSTRAINT case_recalls_reason_check CHECK
    (reason IN ('consent_withdrawn', 'consent_expired', 'identifiable', 'mistake', 'moderators'));
ALTER TABLE dead_letters DROP COLUMN withheld, DROP COLUMN post_id;
DROP INDEX outbox_told_idx;
