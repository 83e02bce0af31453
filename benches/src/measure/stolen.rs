//! How long a thread was ready to run and did not, because others had its core.
//!
//! On a machine with neighbours that is most of what makes two measurements differ, and Linux says it
//! of each thread: the second number of its `schedstat`. Waiting for a lock is not in it.

use std::fs;
use std::time::Duration;

/// What the calling thread has waited for a core since it began; zero where the system does not say.
pub(super) fn so_far() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split_ascii_whitespace().nth(1).and_then(|number| number.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;
    use std::thread;
    use std::time::Instant;

    #[test]
    fn a_thread_that_shares_its_core_is_kept_waiting() {
        let Some(core) = core_affinity::get_core_ids().and_then(|cores| cores.first().copied())
        else {
            panic!("no cores to stay on");
        };
        let crowd = || {
            core_affinity::set_for_current(core);
            let (started, before) = (Instant::now(), so_far());
            while started.elapsed() < Duration::from_millis(60) {
                black_box(started);
            }
            so_far().saturating_sub(before)
        };
        let waits: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..3).map(|_| scope.spawn(crowd)).collect();
            all.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let all: Duration = waits.iter().sum();
        assert!(all > Duration::from_millis(30), "{waits:?}");
    }
}
