//! Everything that needs a database: stories through the real faces, over a private PostgreSQL and real HTTP.
#![expect(
    unreachable_pub,
    clippy::format_push_string,
    clippy::needless_pass_by_value,
    reason = "a test binary has no outside"
)]

mod access;
mod accounts;
mod chromium;
mod crash;
mod documents;
mod federation;
mod harness;
mod policy;
mod posts;
mod schema;
