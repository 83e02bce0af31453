//! How things are measured: a file for each kind of measurement.

mod cores;
pub(crate) mod flush;
pub(crate) mod handshakes;
pub(crate) mod memory;
pub(crate) mod progress;
mod stolen;
pub(crate) mod throughput;
mod tls;

use std::thread;
use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest lookup that a histogram tells from longer ones.
const LONGEST_NANOS: u64 = 60_000_000_000;

/// An empty histogram of nanoseconds, exact to 1 in 1000.
fn nanoseconds() -> Histogram<u64> {
    Histogram::new_with_max(LONGEST_NANOS, 3).expect("3 digits are possible")
}

/// Lets time pass without using a core that a worker could have.
#[expect(clippy::disallowed_methods, reason = "a sample is a slice of time; nothing is awaited")]
fn pass(time: Duration) {
    thread::sleep(time);
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^53 operations in a slice")]
pub(crate) fn count(number: u64) -> f64 {
    number as f64
}
