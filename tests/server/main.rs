//! Everything that needs a database: stories through the real faces, over a private PostgreSQL and real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::format_push_string,
    unreachable_pub,
    clippy::assigning_clones,
    clippy::unused_async,
    reason = "a story ends loudly where it goes wrong, and a test binary has no outside"
)]

mod access;
mod accounts;
mod across;
mod actor_tokens;
mod announcements;
mod api;
mod attestations;
mod audit;
mod case_follow;
mod case_pages;
mod case_poll;
mod case_queue;
mod case_sources;
mod case_talk;
mod case_unnamed;
mod cases;
mod chromium;
mod cli;
mod crash;
mod credentials;
mod demands;
mod demo;
mod desk;
mod desk_openings;
mod desk_queue;
mod desk_time;
mod directory;
mod documents;
mod federation;
mod group_admission;
mod group_conditions;
mod group_federation;
mod group_history;
mod group_leavers;
mod group_moderators;
mod group_open;
mod group_programs;
mod group_refusals;
mod group_writing;
mod groups;
mod groups_across;
mod harness;
mod instance_key;
mod leaks;
mod likeness;
mod passkeys;
mod policy;
mod posts;
mod proof;
mod recall;
mod registers;
mod schema;
mod second_factor;
mod trust;
mod what_is_gone;
