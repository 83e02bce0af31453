//! A panic in a callback stops here.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// A callback panicked; its message went to the panic hook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Panicked;

/// Runs `callback`, and catches its panic.
///
/// Unwind safe in effect: nothing of ours is half changed when a callback runs, and what the callback
/// captured is its own and synchronised by itself, since it may be on many threads at once.
pub(crate) fn contain<R>(callback: impl FnOnce() -> R) -> Result<R, Panicked> {
    catch_unwind(AssertUnwindSafe(callback)).map_err(|payload| {
        // Dropping a panic's payload may panic in turn; forgetting one is the lesser evil.
        core::mem::forget(payload);
        Panicked
    })
}
