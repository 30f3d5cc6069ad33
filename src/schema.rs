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
        pending -> Bool,
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
    account_notes (account_id, target_id) {
        account_id -> Int8,
        target_id -> Int8,
        text -> Text,
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
        avatar -> Text,
        banner -> Text,
        place -> Text,
        badge -> Nullable<Jsonb>,
        badge_until -> Nullable<Timestamptz>,
        name_skeleton -> Text,
        interests -> Text,
        proven -> Jsonb,
    }
}

diesel::table! {
    announcement_reactions (announcement_id, account_id, name) {
        announcement_id -> Int8,
        account_id -> Int8,
        name -> Text,
    }
}

diesel::table! {
    announcement_reads (account_id, announcement_id) {
        account_id -> Int8,
        announcement_id -> Int8,
    }
}

diesel::table! {
    announcements (id) {
        id -> Int8,
        source -> Text,
        html -> Text,
        starts_at -> Nullable<Timestamptz>,
        ends_at -> Nullable<Timestamptz>,
        published_at -> Timestamptz,
        updated_at -> Timestamptz,
        post_id -> Nullable<Int8>,
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
    attestations (id) {
        id -> Int8,
        token -> Text,
        account_id -> Int8,
        uri -> Text,
        issuer_uri -> Text,
        document -> Text,
        name -> Text,
        discipline -> Text,
        specialties -> Jsonb,
        register -> Text,
        jurisdiction -> Text,
        level -> Int2,
        checked_on -> Nullable<Date>,
        valid_from -> Timestamptz,
        valid_until -> Timestamptz,
        created_at -> Timestamptz,
        credential_id -> Nullable<Int8>,
        list_number -> Nullable<Int4>,
        list_index -> Nullable<Int4>,
        suspended_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        verdict -> Text,
        confirmed_at -> Nullable<Timestamptz>,
        check_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit (seq) {
        seq -> Int8,
        at -> Timestamptz,
        actor_id -> Nullable<Int8>,
        actor -> Text,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        subject -> Text,
        reason -> Text,
        details -> Jsonb,
        previous -> Bytea,
        hash -> Bytea,
        origin -> Text,
    }
}

diesel::table! {
    audit_heads (day) {
        day -> Date,
        seq -> Int8,
        document -> Text,
    }
}

diesel::table! {
    blocks (id) {
        id -> Int8,
        account_id -> Int8,
        target_id -> Int8,
        uri -> Text,
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
    case_ballots (post_id, account_id) {
        post_id -> Int8,
        account_id -> Int8,
        discipline -> Text,
        ranks -> Array<Int2>,
        fresh -> Bool,
        counted -> Bool,
        cast_at -> Timestamptz,
    }
}

diesel::table! {
    case_consents (post_id) {
        post_id -> Int8,
        basis -> Text,
        scope -> Text,
        holder -> Text,
        given_on -> Nullable<Date>,
        expires_on -> Nullable<Date>,
        form_hash -> Text,
        reminded_at -> Nullable<Timestamptz>,
        withdrawn_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    case_copies (post_id, host_id) {
        post_id -> Int8,
        host_id -> Int8,
        state -> Text,
        checked_at -> Nullable<Timestamptz>,
        next_check_at -> Nullable<Timestamptz>,
        tries -> Int4,
    }
}

diesel::table! {
    case_drafts (id) {
        id -> Int8,
        account_id -> Int8,
        group_id -> Int8,
        sealed -> Bytea,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    case_findings (post_id, kind) {
        post_id -> Int8,
        kind -> Text,
        found -> Int4,
        kept -> Int4,
    }
}

diesel::table! {
    case_follows (post_id, account_id) {
        post_id -> Int8,
        account_id -> Int8,
        group_id -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    case_openings (id) {
        id -> Int8,
        post_id -> Int8,
        group_id -> Int8,
        asked_by -> Int8,
        reason -> Text,
        asked_at -> Timestamptz,
        state -> Text,
        decided_by -> Nullable<Int8>,
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    case_pictures (id) {
        id -> Int8,
        draft_id -> Int8,
        sealed -> Bytea,
        mime -> Text,
        width -> Int4,
        height -> Int4,
    }
}

diesel::table! {
    case_rankings (post_id) {
        post_id -> Int8,
        result -> Jsonb,
        dropped -> Array<Text>,
    }
}

diesel::table! {
    case_recalls (post_id) {
        post_id -> Int8,
        reason -> Text,
        started_by -> Nullable<Int8>,
        started_at -> Timestamptz,
    }
}

diesel::table! {
    case_wishes (account_id) {
        account_id -> Int8,
        specialties -> Array<Text>,
        mail -> Bool,
        mailed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    cases (post_id) {
        post_id -> Int8,
        group_id -> Int8,
        report -> Bool,
        urgency -> Text,
        state -> Text,
        specialties -> Array<Text>,
        body -> Jsonb,
        kept_sealed -> Nullable<Bytea>,
        answer_id -> Nullable<Int8>,
        first_answer_at -> Nullable<Timestamptz>,
        outcome -> Text,
        outcome_html -> Text,
        outcome_at -> Nullable<Timestamptz>,
        asked_at -> Timestamptz,
    }
}

diesel::table! {
    conversation_posts (post_id, conversation_id) {
        post_id -> Int8,
        conversation_id -> Int8,
    }
}

diesel::table! {
    conversations (id) {
        id -> Int8,
        account_id -> Int8,
        last_post_id -> Int8,
        unread -> Bool,
    }
}

diesel::table! {
    credential_events (id) {
        id -> Int8,
        credential_id -> Int8,
        actor_id -> Nullable<Int8>,
        state -> Nullable<Text>,
        text_sealed -> Nullable<Bytea>,
        at -> Timestamptz,
    }
}

diesel::table! {
    credentials (id) {
        id -> Int8,
        account_id -> Int8,
        kind -> Text,
        state -> Text,
        level -> Int2,
        register -> Text,
        body -> Text,
        jurisdiction -> Text,
        number_sealed -> Nullable<Bytea>,
        number_index -> Nullable<Bytea>,
        discipline -> Text,
        specialties -> Array<Text>,
        family_name -> Text,
        given_names -> Text,
        role -> Text,
        issued_on -> Nullable<Date>,
        expires_on -> Nullable<Date>,
        source -> Text,
        renews -> Nullable<Int8>,
        claimed_by -> Nullable<Int8>,
        claimed_at -> Nullable<Timestamptz>,
        confirmed_by -> Nullable<Int8>,
        decided_by -> Nullable<Int8>,
        ticked -> Array<Text>,
        seen -> Text,
        recheck_reason -> Text,
        recheck_by -> Nullable<Timestamptz>,
        submitted_at -> Nullable<Timestamptz>,
        decided_at -> Nullable<Timestamptz>,
        checked_on -> Nullable<Date>,
        next_check_on -> Nullable<Date>,
        reminded_days -> Nullable<Int2>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
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
        ended_post_id -> Nullable<Int8>,
        post_id -> Nullable<Int8>,
        withheld -> Bool,
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
    evidence (id) {
        id -> Int8,
        credential_id -> Int8,
        label -> Text,
        media_type -> Text,
        bytes -> Int4,
        digest -> Bytea,
        sealed -> Nullable<Bytea>,
        deleted_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    evidence_openings (id) {
        id -> Int8,
        evidence_id -> Int8,
        asked_by -> Int8,
        asked_at -> Timestamptz,
        reason -> Text,
        state -> Text,
        decided_by -> Nullable<Int8>,
        decided_at -> Nullable<Timestamptz>,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    featured_tags (id) {
        id -> Int8,
        account_id -> Int8,
        tag_id -> Int8,
    }
}

diesel::table! {
    fetched_lists (uri) {
        uri -> Text,
        issuer_uri -> Text,
        document -> Text,
        fetched_at -> Timestamptz,
        stale_at -> Timestamptz,
    }
}

diesel::table! {
    filter_keywords (id) {
        id -> Int8,
        filter_id -> Int8,
        keyword -> Text,
        whole_word -> Bool,
    }
}

diesel::table! {
    filter_posts (id) {
        id -> Int8,
        filter_id -> Int8,
        post_id -> Int8,
    }
}

diesel::table! {
    filters (id) {
        id -> Int8,
        account_id -> Int8,
        title -> Text,
        contexts -> Array<Text>,
        action -> Text,
        ends_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    followed_tags (id) {
        id -> Int8,
        account_id -> Int8,
        tag_id -> Int8,
    }
}

diesel::table! {
    follower_checks (account_id) {
        account_id -> Int8,
        url -> Text,
        due_at -> Timestamptz,
        attempts -> Int4,
        checked_at -> Nullable<Timestamptz>,
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
        boosts -> Bool,
        notify -> Bool,
    }
}

diesel::table! {
    gates (name) {
        name -> Text,
    }
}

diesel::table! {
    hidden_suggestions (account_id, target_id) {
        account_id -> Int8,
        target_id -> Int8,
    }
}

diesel::table! {
    group_bans (group_id, account_id) {
        group_id -> Int8,
        account_id -> Int8,
        reason -> Text,
        ends_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    group_doubts (account_id) {
        account_id -> Int8,
    }
}

diesel::table! {
    group_histories (group_id) {
        group_id -> Int8,
        due_at -> Timestamptz,
        attempts -> Int4,
    }
}

diesel::table! {
    group_hosts (group_id, host_id) {
        group_id -> Int8,
        host_id -> Int8,
        bar -> Text,
        software -> Text,
        since -> Timestamptz,
    }
}

diesel::table! {
    group_invitations (id) {
        id -> Int8,
        group_id -> Int8,
        code_hash -> Bytea,
        created_by -> Int8,
        uses_left -> Int4,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    group_log (id) {
        id -> Int8,
        group_id -> Int8,
        actor_id -> Nullable<Int8>,
        deed -> Text,
        subject_id -> Nullable<Int8>,
        reason -> Text,
    }
}

diesel::table! {
    group_moderators (group_id, account_id) {
        group_id -> Int8,
        account_id -> Int8,
        role -> Text,
        since -> Timestamptz,
    }
}

diesel::table! {
    group_reports (id) {
        id -> Int8,
        group_id -> Int8,
        post_id -> Int8,
        uri -> Text,
        comment -> Text,
        created_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    group_requests (follow_id) {
        follow_id -> Int8,
        reason -> Text,
    }
}

diesel::table! {
    group_seekers (account_id, group_id) {
        account_id -> Int8,
        group_id -> Int8,
        uri -> Text,
        reason -> Text,
        code_hash -> Bytea,
        since -> Timestamptz,
    }
}

diesel::table! {
    group_waits (group_id) {
        group_id -> Int8,
        requests -> Int8,
        posts -> Int8,
        counted_at -> Timestamptz,
    }
}

diesel::table! {
    groups (account_id) {
        account_id -> Int8,
        kind -> Text,
        admission -> Text,
        premoderation -> Text,
        topics -> Array<Text>,
        rules -> Text,
        welcome -> Text,
        level -> Int2,
        disciplines -> Array<Text>,
        specialties -> Array<Text>,
        issuers -> Array<Text>,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        review -> Text,
        unnamed -> Nullable<Bool>,
    }
}

diesel::table! {
    home_entries (account_id, post_id) {
        account_id -> Int8,
        post_id -> Int8,
    }
}

diesel::table! {
    host_blocks (id) {
        id -> Int8,
        account_id -> Int8,
        host -> Text,
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
        trust -> Text,
        trusted_disciplines -> Array<Text>,
        software_at -> Nullable<Timestamptz>,
        software_due_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    house_secrets (name) {
        name -> Text,
        sealed -> Bytea,
    }
}

diesel::table! {
    idempotency_keys (account_id, key_hash) {
        account_id -> Int8,
        key_hash -> Bytea,
        post_id -> Nullable<Int8>,
        scheduled_id -> Nullable<Int8>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    import_lines (id) {
        id -> Int8,
        account_id -> Int8,
        kind -> Text,
        subject -> Text,
        flag -> Bool,
        notify -> Bool,
        attempts -> Int4,
        retry_at -> Timestamptz,
    }
}

diesel::table! {
    instance (id) {
        id -> Bool,
        public_url -> Text,
        created_at -> Timestamptz,
        push_key_sealed -> Nullable<Bytea>,
        push_key_public -> Nullable<Text>,
        sources_turn_at -> Nullable<Timestamptz>,
        looked_at_group -> Int8,
        looked_at_follow -> Int8,
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
    issuers (uri) {
        uri -> Text,
        host_id -> Int8,
        name -> Text,
        document -> Nullable<Text>,
        fetched_at -> Nullable<Timestamptz>,
        pinned -> Array<Text>,
        changed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    issuing_keys (id) {
        id -> Int8,
        uri -> Text,
        public_key -> Text,
        seed_sealed -> Bytea,
        endorsement -> Nullable<Text>,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
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
    list_members (id) {
        id -> Int8,
        list_id -> Int8,
        account_id -> Int8,
    }
}

diesel::table! {
    lists (id) {
        id -> Int8,
        account_id -> Int8,
        title -> Text,
        replies -> Text,
        exclusive -> Bool,
    }
}

diesel::table! {
    lost_files (name) {
        name -> Text,
        lost_at -> Timestamptz,
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
    mailbox_proofs (credential_id) {
        credential_id -> Int8,
        email -> Text,
        code_hash -> Bytea,
        tries -> Int2,
        sent_at -> Timestamptz,
        proven_at -> Nullable<Timestamptz>,
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
    markers (account_id, timeline) {
        account_id -> Int8,
        timeline -> Text,
        last_read_id -> Int8,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    media (id) {
        id -> Int8,
        account_id -> Int8,
        post_id -> Nullable<Int8>,
        place -> Int2,
        purpose -> Text,
        name -> Text,
        mime -> Text,
        width -> Int4,
        height -> Int4,
        small_width -> Int4,
        small_height -> Int4,
        small_mime -> Text,
        bytes -> Int8,
        blurhash -> Text,
        focus_x -> Float8,
        focus_y -> Float8,
        description -> Text,
        remote_url -> Nullable<Text>,
        stored_at -> Nullable<Timestamptz>,
        used_at -> Timestamptz,
        retry_at -> Timestamptz,
        created_at -> Timestamptz,
        scheduled_id -> Nullable<Int8>,
    }
}

diesel::table! {
    mentions (post_id, account_id) {
        post_id -> Int8,
        account_id -> Int8,
    }
}

diesel::table! {
    mutes (id) {
        id -> Int8,
        account_id -> Int8,
        target_id -> Int8,
        notifications -> Bool,
        ends_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    notification_permissions (account_id, from_id) {
        account_id -> Int8,
        from_id -> Int8,
    }
}

diesel::table! {
    notification_policies (account_id) {
        account_id -> Int8,
        not_following -> Text,
        not_followers -> Text,
        new_accounts -> Text,
        private_mentions -> Text,
        limited_accounts -> Text,
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
        filtered -> Bool,
        deed -> Nullable<Text>,
        reason -> Text,
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
        group_id -> Nullable<Int8>,
        followers_of -> Nullable<Int8>,
    }
}

diesel::table! {
    passkey_questions (holder) {
        holder -> Bytea,
        account_id -> Int8,
        state -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Int8,
        account_id -> Int8,
        credential_id -> Bytea,
        credential -> Text,
        counter -> Int8,
        name -> Text,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    pins (id) {
        id -> Int8,
        account_id -> Int8,
        post_id -> Int8,
    }
}

diesel::table! {
    poll_options (post_id, place) {
        post_id -> Int8,
        place -> Int2,
        title -> Text,
        votes_count -> Int8,
    }
}

diesel::table! {
    poll_votes (post_id, account_id, place) {
        post_id -> Int8,
        account_id -> Int8,
        place -> Int2,
    }
}

diesel::table! {
    polls (post_id) {
        post_id -> Int8,
        multiple -> Bool,
        hide_totals -> Bool,
        ends_at -> Nullable<Timestamptz>,
        voters_count -> Nullable<Int8>,
        changed_at -> Nullable<Timestamptz>,
        told_at -> Timestamptz,
        ended -> Bool,
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
        struck_at -> Nullable<Timestamptz>,
        shown -> Bool,
        language -> Text,
        sensitive -> Bool,
        media -> Nullable<Array<Int8>>,
        choices -> Nullable<Array<Text>>,
    }
}

diesel::table! {
    post_sources (post_id, place) {
        post_id -> Int8,
        place -> Int2,
        scheme -> Text,
        name -> Text,
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
        sensitive -> Bool,
        app_id -> Nullable<Int8>,
        group_id -> Nullable<Int8>,
        topic -> Text,
        held -> Text,
        locked_at -> Nullable<Timestamptz>,
        interests -> Text,
        label -> Text,
        refusal -> Text,
    }
}

diesel::table! {
    push_subscriptions (id) {
        id -> Int4,
        token_id -> Int8,
        account_id -> Int8,
        endpoint -> Text,
        p256dh -> Text,
        auth -> Text,
        standard -> Bool,
        alerts -> Array<Text>,
        policy -> Text,
        failures -> Int4,
    }
}

diesel::table! {
    pushes (id) {
        id -> Int8,
        subscription_id -> Int4,
        notification_id -> Int8,
        attempts -> Int4,
        retry_at -> Timestamptz,
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
    recovery_codes (account_id, code_hash) {
        account_id -> Int8,
        code_hash -> Bytea,
    }
}

diesel::table! {
    register_entries (snapshot_id, number_index) {
        snapshot_id -> Int8,
        number_index -> Bytea,
        family_name -> Text,
        given_names -> Text,
        family_folded -> Text,
        given_folded -> Text,
        discipline -> Text,
        specialties -> Array<Text>,
        status -> Text,
        active -> Bool,
        valid_until -> Nullable<Date>,
        conditions -> Text,
    }
}

diesel::table! {
    register_snapshots (id) {
        id -> Int8,
        register -> Text,
        taken_on -> Date,
        file_name -> Text,
        state -> Text,
        rows -> Int8,
        refused -> Int8,
        bytes_read -> Int8,
        bytes_total -> Int8,
        rechecks -> Int8,
        error -> Text,
        started_by -> Nullable<Int8>,
        started_at -> Timestamptz,
        beat_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reports (id) {
        id -> Int8,
        reporter_id -> Nullable<Int8>,
        target_id -> Int8,
        post_ids -> Array<Int8>,
        comment -> Text,
        category -> Text,
        forwarded -> Bool,
        uri -> Text,
        created_at -> Timestamptz,
        resolved_at -> Nullable<Timestamptz>,
        resolved_by -> Nullable<Int8>,
        resolution -> Text,
    }
}

diesel::table! {
    scheduled_posts (id) {
        id -> Int8,
        account_id -> Int8,
        content -> Nullable<Jsonb>,
        publish_at -> Nullable<Timestamptz>,
        failure -> Text,
        created_at -> Timestamptz,
        attempts -> Int4,
        retry_at -> Timestamptz,
        content_sealed -> Nullable<Bytea>,
    }
}

diesel::table! {
    second_factors (account_id) {
        account_id -> Int8,
        seed_sealed -> Bytea,
        last_step -> Int8,
        turned_on_at -> Timestamptz,
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
    sign_in_steps (token_hash) {
        token_hash -> Bytea,
        account_id -> Int8,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    sources (scheme, name) {
        scheme -> Text,
        name -> Text,
        state -> Text,
        title -> Text,
        container -> Text,
        year -> Nullable<Int4>,
        retracted -> Bool,
        fetched_at -> Nullable<Timestamptz>,
        attempts -> Int4,
        ask_at -> Nullable<Timestamptz>,
        cited_at -> Timestamptz,
    }
}

diesel::table! {
    specialties (code) {
        code -> Text,
        label -> Text,
    }
}

diesel::table! {
    status_lists (number, purpose) {
        number -> Int4,
        purpose -> Text,
        document -> Nullable<Text>,
        signed_at -> Nullable<Timestamptz>,
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
    thread_mutes (account_id, post_id) {
        account_id -> Int8,
        post_id -> Int8,
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
    unnamed_authors (post_id) {
        post_id -> Int8,
        owner -> Bytea,
        sealed -> Bytea,
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

// Only what is joined: allowing every pair of tables takes the compiler a minute.
diesel::allow_tables_to_appear_in_same_query!(account_keys, accounts, credentials, users);
diesel::allow_tables_to_appear_in_same_query!(hosts, issuers);
diesel::allow_tables_to_appear_in_same_query!(access_tokens, users);
