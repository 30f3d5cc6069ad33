//! Consilium: a federated professional network server for healthcare practitioners.
//!
//! The house, from the ground up; each room may use those above it in this list, never those below.
//!
//! | rank | room | what it holds |
//! |---|---|---|
//! | 0 | [`error`], [`config`], [`telemetry`], [`schema`], [`multipart`], [`origin`] | the ground |
//! | 1 | [`model`], [`policy`], [`text`], [`crypto`], [`picture`] | pure: nouns, who may, words, keys, pixels |
//! | 2 | [`store`] | every SQL statement |
//! | 3 | [`service`] | every rule and every transaction |
//! | 4 | [`web`], [`api`], [`federation`], [`worker`], [`mail`], [`blobs`] | faces: they translate, they never decide |
//! | 5 | [`server`], [`cli`] | entry |
//!
//! `docs/ARCHITECTURE.md` is the map with the journeys; `tests/architecture.rs` holds the arrows.

pub mod config;
pub mod error;
pub mod multipart;
pub mod origin;
pub mod schema;
pub mod telemetry;

pub mod crypto;
pub mod model;
pub mod picture;
pub mod policy;
pub mod text;

pub mod store;

pub mod api;
pub mod blobs;
pub mod cli;
pub mod federation;
pub mod mail;
pub mod server;
pub mod service;
pub mod web;
pub mod worker;
