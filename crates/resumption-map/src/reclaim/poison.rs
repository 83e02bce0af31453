//! A reclaimer for models: frees at the first moment that any correct scheme could, namely when the
//! last guard that lived at the deferral has gone. Its book-keeping sits in a standard mutex, which loom
//! does not see, so it adds no states; the fences give the visibility that real pins give.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use loom::sync::atomic::{Ordering, fence};

use super::{Reclaim, Sealed};

type Action = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Book {
    next_guard: u64,
    live: BTreeSet<u64>,
    waiting: Vec<(BTreeSet<u64>, Action)>,
}

/// The strict scheme: every use after the earliest legal reclamation panics.
#[derive(Default)]
pub struct Poison {
    book: Arc<Mutex<Book>>,
}

/// A guard of [`Poison`].
pub struct PoisonGuard {
    book: Arc<Mutex<Book>>,
    number: u64,
}

impl Drop for PoisonGuard {
    fn drop(&mut self) {
        fence(Ordering::SeqCst);
        let mut due = Vec::new();
        {
            let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
            book.live.remove(&self.number);
            let waiting = std::mem::take(&mut book.waiting);
            for (mut guards, action) in waiting {
                guards.remove(&self.number);
                if guards.is_empty() {
                    due.push(action);
                } else {
                    book.waiting.push((guards, action));
                }
            }
        }
        for action in due {
            action();
        }
    }
}

impl Sealed for Poison {}

impl Reclaim for Poison {
    type Guard = PoisonGuard;

    const STRICT: bool = true;

    fn pin(&self) -> PoisonGuard {
        let number = {
            let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
            book.next_guard += 1;
            let number = book.next_guard;
            book.live.insert(number);
            number
        };
        fence(Ordering::SeqCst);
        PoisonGuard { book: Arc::clone(&self.book), number }
    }

    fn defer(&self, _guard: &PoisonGuard, action: impl FnOnce() + Send + 'static) {
        fence(Ordering::SeqCst);
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let guards = book.live.clone();
        book.waiting.push((guards, Box::new(action)));
    }

    fn advance(&self, _guard: &PoisonGuard) {}
}
