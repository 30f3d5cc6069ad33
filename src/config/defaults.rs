//! What a configuration says where the operator says nothing.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use super::{
    Accounts, Database, Federation, FederationMode, Http, Limits, Log, LogFormat, Mail, Media, Registration, Secrets,
    Worker,
};

pub(super) fn instance_name() -> String {
    "Our hospital".into()
}
pub(super) fn sentence() -> String {
    "Our clinicians share what works and follow peers in other hospitals.".into()
}
pub(super) fn emergency_number() -> String {
    "112".into()
}

impl Default for Http {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            workers: 0,
            max_form_bytes: 262_144,
            trusted_proxies: 0,
            request_seconds: 30,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: None, url_file: None, embedded_dir: None, pool_size: 12 }
    }
}

impl Default for Secrets {
    fn default() -> Self {
        let key_file = PathBuf::from("consilium.key");
        Self { key: None, key_file, previous_keys: None, previous_key_files: Vec::new() }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            registration: Registration::Approval,
            confirm_email: true,
            second_factor_for: ["verifier", "moderator", "admin"].map(String::from).to_vec(),
            idle_minutes: 480,
            idle_minutes_desk: 30,
            admin_idle_minutes: 15,
            session_hours: 12,
            failed_sign_ins: 5,
            sign_in_wait_seconds: 30,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_ups_per_half_hour: 5,
            resets_per_hour: 5,
            lookups_per_five_minutes: 30,
            searches_per_five_minutes: 150,
            checks_per_five_minutes: 300,
            calls_per_five_minutes: 300,
            uploads_per_half_hour: 30,
            apps_per_half_hour: 100,
        }
    }
}

impl Default for Federation {
    fn default() -> Self {
        Self {
            mode: FederationMode::Approval,
            authorized_fetch: true,
            allow_insecure: false,
            allow_private_addresses: false,
            resolve: BTreeMap::new(),
            max_inbox_bytes: 1_048_576,
            request_seconds: 10,
            connect_seconds: 5,
            max_fetches: 20,
            max_thread_fetches: 16,
            max_signature_age_seconds: 3_600,
            max_signature_ahead_seconds: 600,
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self { from: "Consilium <consilium@localhost>".into(), smtp_url: None, smtp_url_file: None, mailbox_dir: None }
    }
}

impl Default for Media {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("media"),
            s3_bucket: String::new(),
            s3_region: "us-east-1".into(),
            s3_endpoint: String::new(),
            s3_access_key: String::new(),
            s3_secret_key: None,
            s3_secret_key_file: None,
            max_bytes: 16_000_000,
            max_pixels: 40_000_000,
            per_post: 4,
            loose_hours: 24,
            cache_days: 30,
            cache_megabytes: 10_000,
        }
    }
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            deliveries: 256,
            received_batch: 400,
            activity_seconds: 30,
            poll_milliseconds: 2_000,
            lease_seconds: 30,
            first_retry_seconds: 60,
            longest_retry_seconds: 43_200,
            give_up_hours: 168,
            received_tries: 5,
            poll_counts_seconds: 180,
            sweep_seconds: 300,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Text }
    }
}
