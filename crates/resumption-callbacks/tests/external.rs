//! Properties of what a store is asked with:
//! * neither names nor values show themselves;
//! * several writes, where a store has no better way, are done one after the other and answered in order.

use core::future::Future;
use core::task::{Context, Poll, Waker};
use std::sync::Mutex;
use std::time::Duration;

use resumption_callbacks::{
    ExternalStore, Overwrite, Put, SealedSession, StoreError, StoreFuture, StoreKey,
};

const WITHIN: Duration = Duration::from_millis(7);

/// Refuses names that begin with 3, and notes the others.
#[derive(Default)]
struct Notes(Mutex<Vec<(char, u8)>>);

impl Notes {
    fn note<R: Send + 'static>(&self, what: char, key: &StoreKey, answer: R) -> StoreFuture<'_, R> {
        let first = key.as_bytes()[0];
        self.0.lock().expect("no panic").push((what, first));
        let refused = Err(StoreError::Refused("three"));
        Box::pin(core::future::ready(if first == 3 { refused } else { Ok(answer) }))
    }
}

impl ExternalStore for Notes {
    fn put<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SealedSession,
        overwrite: Overwrite,
        within: Duration,
    ) -> StoreFuture<'a, bool> {
        assert_eq!((value.bytes(), within), (&[9; 3][..], WITHIN));
        self.note('p', key, overwrite == Overwrite::Allowed)
    }

    fn get<'a>(&'a self, key: &'a StoreKey, _within: Duration) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.note('g', key, None)
    }

    fn take<'a>(
        &'a self,
        key: &'a StoreKey,
        _within: Duration,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.note('t', key, None)
    }

    fn remove<'a>(&'a self, key: &'a StoreKey, within: Duration) -> StoreFuture<'a, bool> {
        assert_eq!(within, WITHIN);
        self.note('r', key, true)
    }
}

/// Runs what waits for nobody.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

fn key(first: u8) -> StoreKey {
    StoreKey::new([first; 32])
}

#[test]
fn several_writes_are_answered_in_order_and_a_refusal_stops_none() {
    let store = Notes::default();
    let value = SealedSession::new(vec![9; 3], Duration::from_secs(60));
    let put = |first, overwrite| Put { key: key(first), value: value.clone(), overwrite };
    let puts = [put(1, Overwrite::Allowed), put(3, Overwrite::Allowed), put(2, Overwrite::Refused)];
    let refused = Err(StoreError::Refused("three"));
    assert_eq!(run(store.put_all(&puts, WITHIN)), [Ok(true), refused, Ok(false)]);
    assert_eq!(run(store.remove_all(&[key(3), key(1)], WITHIN)), [refused, Ok(true)]);
    let notes = store.0.into_inner().expect("no panic");
    assert_eq!(notes, [('p', 1), ('p', 3), ('p', 2), ('r', 3), ('r', 1)]);
}

#[test]
fn neither_names_nor_values_show_themselves() {
    let value = SealedSession::new(vec![0xab; 3], Duration::from_secs(60));
    let put = Put { key: key(0xab), value: value.clone(), overwrite: Overwrite::Allowed };
    let shown = format!("{put:?}");
    assert!(!shown.contains("171") && !shown.contains("ab,"), "{shown}");
    assert!(shown.contains("StoreKey(32 bytes)") && shown.contains("bytes: 3"), "{shown}");
    assert_eq!(
        (value.time_to_live(), value.into_bytes()),
        (Duration::from_secs(60), vec![0xab; 3])
    );
}

#[test]
fn errors_say_whose_fault_it_was() {
    let errors = [
        StoreError::Malformed("x"),
        StoreError::Refused("x"),
        StoreError::TimedOut("x"),
        StoreError::Unavailable("x"),
    ];
    assert_eq!(
        errors.map(StoreError::as_str),
        ["malformed", "refused", "timed_out", "unavailable"]
    );
    assert!(errors.iter().all(|error| error.to_string().ends_with(": x") && error.detail() == "x"));
}
