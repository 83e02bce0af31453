//! Values that notice how they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts values made and dropped.
#[derive(Clone, Debug, Default)]
pub struct Drops(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

/// A number on the heap, so that sanitizers and miri see each use after its end.
#[derive(Debug)]
pub struct Value {
    number: Box<u64>,
    drops: Drops,
}

impl Drops {
    /// A new value.
    pub fn value(&self, number: u64) -> Value {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        Value { number: Box::new(number), drops: self.clone() }
    }

    /// How many values are alive.
    pub fn alive(&self) -> usize {
        // At rest; a second drop of one value makes this absurd, or miri complain.
        self.0.made.load(Ordering::Relaxed).wrapping_sub(self.0.dropped.load(Ordering::Relaxed))
    }
}

impl Value {
    /// What the value was made with.
    pub fn number(&self) -> u64 {
        *self.number
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.drops.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}
