//! Cases beside their posts: what they tell, where they stand, and those that are being written.

pub mod core;
pub mod drafts;
pub mod follows;
pub mod openings;
pub mod pictures;
pub mod queue;
pub mod ranking;
pub mod read;
pub mod recall;
pub mod remote;
pub mod review;
pub mod unnamed;
pub mod wishes;
