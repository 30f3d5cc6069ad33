// Printed from the migrated database; `tests/server/schema.rs` compares the two. Never edited by hand.

diesel::table! {
    access_tokens (id) {
        id -> Int8,
        token_hash -> Bytea,
        account_id -> Nullable<Int8>,
        name -> Text,
        scopes -> Text,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        app_id -> Nullable<Int8>,
    }
}

diesel::table! {
    account_keys (id) {
        id -> Int8,
        account_id -> Int8,
        uri -> Text,
        kind -> Text,
        public_key -> Text,
        private_sealed -> Nullable<Bytea>,
        created_at -> Timestamptz,
        fetched_at -> Timestamptz,
    }
}

diesel::table! {
    accounts (id) {
        id -> Int8,
        host_id -> Nullable<Int8>,
        host -> Nullable<Text>,
        username -> Text,
        kind -> Text,
        state -> Text,
        uri -> Text,
        url -> Text,
        name -> Text,
        pronouns -> Text,
        discipline -> Text,
        specialty -> Text,
        employer -> Text,
        bio_source -> Text,
        bio_html -> Text,
        fields -> Jsonb,
        links -> Jsonb,
        languages -> Array<Text>,
        locked -> Bool,
        discoverable -> Bool,
        inbox -> Text,
        shared_inbox -> Nullable<Text>,
        outbox -> Nullable<Text>,
        followers_uri -> Nullable<Text>,
        followers_count -> Int8,
        following_count -> Int8,
        posts_count -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        refreshed_at -> Timestamptz,
    }
}

diesel::table! {
    apps (id) {
        id -> Int8,
        client_id -> Text,
        secret_hash -> Bytea,
        name -> Text,
        website -> Text,
        redirect_uris -> Array<Text>,
        scopes -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    bookmarks (id) {
        id -> Int8,
        account_id -> Int8,
        post_id -> Int8,
    }
}

diesel::table! {
    dead_letters (id) {
        id -> Int8,
        direction -> Text,
        host -> Text,
        actor -> Text,
        inbox -> Nullable<Text>,
        outbox_account_id -> Nullable<Int8>,
        body -> Text,
        reason -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Int8,
        outbox_id -> Int8,
        host_id -> Int8,
        inbox -> Text,
        attempts -> Int4,
        retry_at -> Timestamptz,
    }
}

diesel::table! {
    follows (id) {
        id -> Int8,
        follower_id -> Int8,
        target_id -> Int8,
        state -> Text,
        uri -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    gates (name) {
        name -> Text,
    }
}

diesel::table! {
    home_entries (account_id, post_id) {
        account_id -> Int8,
        post_id -> Int8,
    }
}

diesel::table! {
    hosts (id) {
        id -> Int8,
        name -> Text,
        state -> Text,
        note -> Text,
        software -> Text,
        dialect -> Nullable<Text>,
        dialect_at -> Nullable<Timestamptz>,
        failures -> Int4,
        failing_since -> Nullable<Timestamptz>,
        last_error -> Text,
        last_success_at -> Nullable<Timestamptz>,
        retry_at -> Timestamptz,
        leased_until -> Timestamptz,
        leased_by -> Nullable<Int8>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    instance (id) {
        id -> Bool,
        public_url -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    invitations (id) {
        id -> Int8,
        code_hash -> Bytea,
        created_by -> Int8,
        role -> Text,
        uses_left -> Int4,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    likes (id) {
        id -> Int8,
        account_id -> Int8,
        post_id -> Int8,
        uri -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    mail_tokens (token_hash) {
        token_hash -> Bytea,
        account_id -> Int8,
        purpose -> Text,
        email -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    mails (id) {
        id -> Int8,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        attempts -> Int4,
        retry_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    mentions (post_id, account_id) {
        post_id -> Int8,
        account_id -> Int8,
    }
}

diesel::table! {
    notifications (id) {
        id -> Int8,
        account_id -> Int8,
        kind -> Text,
        from_id -> Int8,
        post_id -> Nullable<Int8>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    oauth_codes (code_hash) {
        code_hash -> Bytea,
        app_id -> Int8,
        account_id -> Int8,
        redirect_uri -> Text,
        scopes -> Text,
        challenge -> Text,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        token_id -> Nullable<Int8>,
    }
}

diesel::table! {
    outbox (id) {
        id -> Int8,
        account_id -> Int8,
        event -> Jsonb,
        body -> Nullable<Bytea>,
        attempts -> Int4,
        retry_at -> Timestamptz,
        fanned_out_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    post_edits (id) {
        id -> Int8,
        post_id -> Int8,
        warning -> Text,
        source -> Text,
        html -> Text,
        written_at -> Timestamptz,
    }
}

diesel::table! {
    post_tags (tag_id, post_id) {
        tag_id -> Int8,
        post_id -> Int8,
    }
}

diesel::table! {
    posts (id) {
        id -> Int8,
        author_id -> Int8,
        local -> Bool,
        uri -> Text,
        url -> Text,
        kind -> Text,
        visibility -> Text,
        boost_of_id -> Nullable<Int8>,
        reply_to_id -> Nullable<Int8>,
        reply_to_uri -> Nullable<Text>,
        title -> Text,
        warning -> Text,
        source -> Text,
        html -> Text,
        language -> Text,
        replies_count -> Int8,
        boosts_count -> Int8,
        likes_count -> Int8,
        published_at -> Timestamptz,
        edited_at -> Nullable<Timestamptz>,
        deleted_at -> Nullable<Timestamptz>,
        markup -> Text,
    }
}

diesel::table! {
    received (id) {
        id -> Int8,
        actor -> Text,
        body -> Text,
        attempts -> Int4,
        last_error -> Text,
        retry_at -> Timestamptz,
        claimed_until -> Timestamptz,
        claimed_by -> Nullable<Int8>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    seen_activities (key) {
        key -> Bytea,
        seen_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Int8,
        token_hash -> Bytea,
        account_id -> Int8,
        device -> Text,
        created_at -> Timestamptz,
        seen_at -> Timestamptz,
        proved_at -> Timestamptz,
    }
}

diesel::table! {
    tags (id) {
        id -> Int8,
        name -> Text,
    }
}

diesel::table! {
    thread_checks (post_id) {
        post_id -> Int8,
        due_at -> Timestamptz,
        attempts -> Int4,
        checked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    throttles (key) {
        key -> Bytea,
        failures -> Int4,
        window_ends -> Timestamptz,
        blocked_until -> Timestamptz,
    }
}

diesel::table! {
    tombstones (uri, owner) {
        uri -> Text,
        owner -> Text,
        deleted_at -> Timestamptz,
    }
}

diesel::table! {
    users (account_id) {
        account_id -> Int8,
        email -> Text,
        email_confirmed_at -> Nullable<Timestamptz>,
        password_hash -> Text,
        role -> Text,
        state -> Text,
        reason -> Text,
        invited -> Bool,
        language -> Text,
        default_visibility -> Text,
        notifications_read_id -> Int8,
        created_at -> Timestamptz,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Int8>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    access_tokens,
    account_keys,
    accounts,
    apps,
    bookmarks,
    dead_letters,
    deliveries,
    follows,
    gates,
    home_entries,
    hosts,
    instance,
    invitations,
    likes,
    mail_tokens,
    mails,
    mentions,
    notifications,
    oauth_codes,
    outbox,
    post_edits,
    post_tags,
    posts,
    received,
    seen_activities,
    sessions,
    tags,
    thread_checks,
    throttles,
    tombstones,
    users,
);
