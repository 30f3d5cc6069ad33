//! Stories over two and three instances.

mod follow;
mod gate;
mod posts;
mod strangers;
mod trouble;
