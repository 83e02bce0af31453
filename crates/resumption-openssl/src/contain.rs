//! A panic stops here, before it reaches C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `called` returns; `None` if it panics.
pub(crate) fn contain<R>(called: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(called)).map_err(drop_payload).ok()
}

/// What was thrown may throw in turn when it is dropped; that second one is forgotten.
fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct ThrowsAgain;

    impl Drop for ThrowsAgain {
        fn drop(&mut self) {
            // What is forgotten then takes no memory, or the test would leak it.
            std::panic::panic_any(());
        }
    }

    #[test]
    fn what_is_thrown_goes_no_further() {
        assert_eq!(contain(|| 1), Some(1));
        assert_eq!(contain(|| -> u32 { panic!("on purpose") }), None);
        assert_eq!(contain(|| -> u32 { std::panic::panic_any(ThrowsAgain) }), None);
    }
}
