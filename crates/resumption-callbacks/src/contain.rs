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
        // What was thrown may throw in turn when it is dropped. That second one is forgotten, so that it
        // ends somewhere; the first must not be, or each panic would leak.
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            core::mem::forget(another);
        }
        Panicked
    })
}
