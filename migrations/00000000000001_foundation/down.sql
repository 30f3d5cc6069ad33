DROP TABLE instance, gates, dead_letters, thread_checks, tombstones, seen_activities, received, deliveries, outbox, notifications,
    home_entries, bookmarks, likes, post_edits, post_tags, tags, mentions, posts, follows, throttles, invitations, mails,
    mail_tokens, access_tokens, sessions, users, account_keys, accounts, hosts;
DROP FUNCTION timestamp_id(timestamptz);
DROP SEQUENCE id_seq;
