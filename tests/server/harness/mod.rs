//! Real instances with real names on loopback, each with its own database; people with browsers; strangers.

pub mod app;
pub mod browser;
pub mod cases;
pub mod cluster;
pub mod groups;
pub mod keys;
pub mod passkeys;
pub mod people;
pub mod pictures;
pub mod postgres;
pub mod rows;
pub mod stranger;

pub use app::{Answer, App, multipart, text};
pub use browser::{Browser, Page};
pub use cluster::{Cluster, Instance, Options};
pub use passkeys::Passkey;
pub use stranger::Stranger;
