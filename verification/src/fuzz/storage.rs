//! rustls' storage trait, with keys as clients may choose them.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use resumption_cache::{Capacity, ManualClock, SessionCache};
use resumption_rustls::RustlsStore;
use resumption_session::{SessionIdContext, Timestamp};
use rustls::server::StoresServerSessions;

/// More than one input can fill, so that nothing is evicted.
const ROOM: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// rustls takes TLS 1.3 sessions by keys of this length.
const TICKET: usize = 32;

/// Commands of the input: a byte that says what and how long the key is, and the key.
pub(super) fn rustls_storage(mut data: &[u8]) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_700_000_000));
    let cache = SessionCache::builder()
        .capacity(Capacity::of_entries(ROOM))
        .clock(clock)
        .build()
        .expect("a possible shape");
    let store = RustlsStore::new(cache.context(SessionIdContext::EMPTY).expect("the first"));
    let mut oracle: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    while let Some((&command, rest)) = data.split_first() {
        // 0 to 63 bytes; ticket-length keys are the most likely.
        let wanted = match command >> 2 {
            length @ 0..40 => length.into(),
            40..60 => TICKET,
            _ => 63,
        };
        let (key, rest) = rest.split_at(rest.len().min(wanted));
        data = rest;
        match command & 3 {
            0 | 1 => {
                let value = [key, &[command]].concat();
                let stored = store.put(key.to_vec(), value.clone());
                assert_eq!(stored, (1..=32).contains(&key.len()), "{} bytes", key.len());
                if stored {
                    oracle.insert(key.to_vec(), value);
                }
            }
            2 => assert_eq!(store.get(key), oracle.get(key).cloned()),
            _ => {
                let there = if key.len() == TICKET { oracle.remove(key) } else { None };
                assert_eq!(store.take(key), there);
                assert_eq!(store.take(key), None, "handed out once");
            }
        }
        assert_eq!(cache.len(), oracle.len());
    }
}
