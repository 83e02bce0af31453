//! Waiting for other processes.

use std::time::{Duration, Instant};

use crate::fault::Fault;

/// Asks again and again until `probe` has something, for at most `within`.
///
/// # Errors
/// If it never had; `what` says what was waited for.
#[expect(clippy::disallowed_methods, reason = "another process tells nobody when it is ready")]
pub fn until<T>(
    what: &str,
    within: Duration,
    mut probe: impl FnMut() -> Option<T>,
) -> Result<T, Fault> {
    let began = Instant::now();
    loop {
        if let Some(found) = probe() {
            return Ok(found);
        }
        if began.elapsed() >= within {
            return Err(Fault::new(format!("waited {within:?} in vain: {what}")));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
