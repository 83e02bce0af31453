//! How late the machine itself is, while it runs everything at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::lab::wait;

const TICK: Duration = Duration::from_millis(1);

/// A thread that wants to run each millisecond, and remembers when it could not. Ends when dropped.
pub(crate) struct Stalls {
    worst_micros: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Stalls {
    pub(crate) fn watch() -> Self {
        let stalls = Self { worst_micros: Arc::default(), over: Arc::default() };
        let (worst, over) = (Arc::clone(&stalls.worst_micros), Arc::clone(&stalls.over));
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                wait(TICK);
                let late = began.elapsed().saturating_sub(TICK).as_micros();
                worst.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        });
        stalls
    }

    /// The longest since the last call.
    pub(crate) fn take(&self) -> Duration {
        Duration::from_micros(self.worst_micros.swap(0, Ordering::Relaxed))
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
