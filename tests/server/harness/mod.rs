//! Real instances with real names on loopback, each with its own database; people with browsers; strangers.

pub mod browser;
pub mod cluster;
pub mod postgres;
pub mod stranger;

pub use browser::{Browser, Page};
pub use cluster::{Cluster, Instance, Options};
pub use stranger::Stranger;
