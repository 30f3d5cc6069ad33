//! RSA keys for all stories: making them would be a third of the work. Those of one story differ, stories share them.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use consilium::crypto::RsaKeyPair;

/// More than the instances of one story are given together.
const ALL: usize = 64;

static KEYS: LazyLock<Vec<RsaKeyPair>> = LazyLock::new(|| {
    thread::scope(|scope| {
        let making: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..ALL / 2).map(|_| RsaKeyPair::generate().unwrap()).collect::<Vec<_>>()))
            .collect();
        making.into_iter().flat_map(|half| half.join().unwrap()).collect()
    })
});
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// So many keys.
pub fn some(count: usize) -> Vec<RsaKeyPair> {
    (0..count).map(|_| one()).collect()
}

/// A key.
pub fn one() -> RsaKeyPair {
    KEYS[NEXT.fetch_add(1, Ordering::Relaxed) % ALL].clone()
}
