//! A reclaimer for models: frees at the first moment that any correct scheme could, namely when the
//! last guard that lived at the deferral has gone. Its book-keeping sits in a standard mutex, which loom
//! and shuttle do not see, so it adds no states; the fences give the visibility that real pins give.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Reclaim, Sealed};
use crate::sync::{Ordering, fence, thread_number};

type Action = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Book {
    /// The threads that are pinned, and how often. As in crossbeam, only the first of nested pins counts,
    /// and only it fences.
    pinned: BTreeMap<u64, Pin>,
    next_pin: u64,
    waiting: Vec<(BTreeSet<u64>, Action)>,
}

struct Pin {
    number: u64,
    depth: usize,
}

/// The strict scheme: every use after the earliest legal reclamation panics.
#[derive(Default)]
pub struct Poison {
    book: Arc<Mutex<Book>>,
}

/// A guard of [`Poison`].
pub struct PoisonGuard {
    book: Arc<Mutex<Book>>,
}

impl Drop for PoisonGuard {
    fn drop(&mut self) {
        let thread = thread_number();
        let last = {
            let mut book = lock(&self.book);
            let pin = book.pinned.get_mut(&thread).expect("guards stay on their thread");
            pin.depth -= 1;
            (pin.depth == 0).then_some(pin.number)
        };
        let Some(number) = last else { return };
        fence(Ordering::SeqCst);
        let mut due = Vec::new();
        {
            let mut book = lock(&self.book);
            book.pinned.remove(&thread);
            let waiting = std::mem::take(&mut book.waiting);
            for (mut pins, action) in waiting {
                pins.remove(&number);
                if pins.is_empty() {
                    due.push(action);
                } else {
                    book.waiting.push((pins, action));
                }
            }
        }
        for action in due {
            action();
        }
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sealed for Poison {}

impl Reclaim for Poison {
    type Guard = PoisonGuard;

    const STRICT: bool = true;

    fn pin(&self) -> PoisonGuard {
        let thread = thread_number();
        let first = {
            let mut book = lock(&self.book);
            book.next_pin += 1;
            let number = book.next_pin;
            let pin = book.pinned.entry(thread).or_insert(Pin { number, depth: 0 });
            pin.depth += 1;
            pin.depth == 1
        };
        if first {
            fence(Ordering::SeqCst);
        }
        PoisonGuard { book: Arc::clone(&self.book) }
    }

    fn defer(&self, _guard: &PoisonGuard, action: impl FnOnce() + Send + 'static) {
        fence(Ordering::SeqCst);
        let mut book = lock(&self.book);
        let pins = book.pinned.values().map(|pin| pin.number).collect();
        book.waiting.push((pins, Box::new(action)));
    }

    fn advance(&self, _guard: &PoisonGuard) {}
}
