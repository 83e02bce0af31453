//! Callbacks of the cache: a store outside, and what does not behave.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use openssl::ssl::{SslContext, SslVersion};
use resumption_cache::{
    CacheMode, Callbacks, ExternalTake, GetSession, ManualClock, RemovalReason, Retention,
    SessionCache,
};
use resumption_openssl::{Attached, OpensslSession};
use resumption_session::{
    Lifetime, SecretBytes, Session, SessionId, SessionIdContext, SessionView, Timestamp,
};
use support::{Client, VERSIONS, attached, attached_with, cache_and_clock, first_session, meet};

/// What a store keeps of a session.
struct Row {
    der: Vec<u8>,
    plain: Session,
}

/// What happens to bytes on their way.
type Spoil = fn(&mut Vec<u8>);

/// A store that holds encoded sessions, and can take.
#[derive(Clone, Default)]
struct Store {
    rows: Arc<Mutex<HashMap<SessionId, Row>>>,
    reasons: Arc<Mutex<Vec<RemovalReason>>>,
    spoil: Option<Spoil>,
    /// Whether the get callback decodes.
    decodes: bool,
}

impl Store {
    fn put(&self, session: SessionView<'_>) -> Retention {
        let der = session.encode().expect("OpenSSL's sessions can be encoded");
        let row = Row { der: der.into_exposed(), plain: session.to_session() };
        self.rows.lock().unwrap().insert(*session.id(), row);
        Retention::Keep
    }

    fn session(&self, row: &Row) -> Session {
        let mut der = row.der.clone();
        if let Some(spoil) = self.spoil {
            spoil(&mut der);
        }
        let was = row.plain.view();
        let (id, context) = (*was.id(), *was.context());
        let made = if self.decodes {
            let object = Arc::new(OpensslSession::from_der(&der).unwrap());
            Session::of_object(id, context, was.created(), was.lifetime(), object)
        } else {
            Session::new(id, context, was.created(), was.lifetime(), SecretBytes::new(der))
        };
        made.with_version(was.version().unwrap()).with_usage(was.usage())
    }
}

impl GetSession for Store {
    fn get(&self, _: &SessionIdContext, id: &SessionId) -> Option<Session> {
        self.rows.lock().unwrap().get(id).map(|row| self.session(row))
    }

    fn take(&self, _: &SessionIdContext, id: &SessionId) -> ExternalTake {
        match self.rows.lock().unwrap().remove(id) {
            Some(row) => ExternalTake::Taken(self.session(&row)),
            None => ExternalTake::Absent,
        }
    }
}

fn cache_over(store: &Store, mode: CacheMode) -> (SessionCache, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
    let (news, removed) = (store.clone(), store.clone());
    let callbacks = Callbacks::none()
        .on_new(move |session: SessionView<'_>| news.put(session))
        .on_get(store.clone())
        .on_remove(move |removal: resumption_cache::Removal<'_>| {
            removed.reasons.lock().unwrap().push(removal.reason);
            if removal.reason.deletes_externally() {
                removed.rows.lock().unwrap().remove(removal.id);
            }
        });
    let builder = SessionCache::builder().clock(clock.clone()).mode(mode).callbacks(callbacks);
    (builder.build().unwrap(), clock)
}

fn server(version: SslVersion, store: &Store, mode: CacheMode) -> (SessionCache, SslContext) {
    let (cache, _) = cache_over(store, mode);
    let (server, _) = attached(version, &cache);
    (cache, server)
}

#[test]
fn sessions_resume_from_a_store_on_another_server() {
    for version in VERSIONS {
        for decodes in [false, true] {
            for mode in [CacheMode::SERVER, CacheMode::SERVER | CacheMode::NO_INTERNAL] {
                let store = Store { decodes, ..Store::default() };
                let (first, at_first) = server(version, &store, mode);
                let (second, at_second) = server(version, &store, mode);
                let client = Client::new();
                let session = first_session(&at_first, &client);
                assert!(meet(&at_second, &client, Some(&session)), "{version:?} {mode:?}");
                assert_eq!(second.stats().callback_hits, 1);
                assert_eq!(first.stats().callback_hits, 0);
                let is_internal = mode == CacheMode::SERVER;
                assert_eq!(first.is_empty(), !is_internal);
                // A session of TLS 1.3 was taken, for all servers.
                let again = version == SslVersion::TLS1_2;
                assert_eq!(meet(&at_first, &client, Some(&session)), again, "{version:?} {mode:?}");
            }
        }
    }
}

#[test]
fn a_mode_that_does_not_look_inside_asks_the_store() {
    for version in VERSIONS {
        let store = Store::default();
        let (cache, server) =
            server(version, &store, CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP);
        let client = Client::new();
        let session = first_session(&server, &client);
        assert!(!cache.is_empty());
        assert!(meet(&server, &client, Some(&session)), "{version:?}");
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.callback_hits, stats.internal_misses), (1, 1, 0));
    }
}

#[test]
fn a_store_is_asked_though_the_mode_is_off() {
    let store = Store::default();
    let (cache, server) = server(SslVersion::TLS1_2, &store, CacheMode::SERVER);
    let client = Client::new();
    let session = first_session(&server, &client);
    cache.set_mode(CacheMode::OFF);
    assert!(meet(&server, &client, Some(&session)));
    assert_eq!(cache.stats().callback_hits, 1);
}

/// Early data could be replayed at another server: the store may have had a failover.
#[test]
fn early_data_of_a_session_from_a_store_is_refused() {
    let store = Store::default();
    let (cache, _) = cache_over(&store, CacheMode::SERVER);
    let (server, _) = attached_with(
        SslVersion::TLS1_3,
        &cache,
        |server| server.set_max_early_data(1024).unwrap(),
        |adapter| adapter,
    );
    let client = Client::new();
    let session = first_session(&server, &client);
    let mut pair = support::Pair::new(&server, &client, Some(&session));
    assert_eq!(pair.client.write_early_data(b"early").unwrap(), 5);
    for _round in 0..10 {
        match pair.server.read_early_data(&mut [0; 16]) {
            Ok(len) => {
                assert_eq!(len, 0, "refused");
                break;
            }
            Err(_) => drop(pair.client.connect()),
        }
    }
    pair.shake_hands().unwrap();
    assert!(pair.is_resumed(), "and the session resumes");
    pair.close();
}

#[test]
fn what_a_store_has_spoilt_does_not_resume() {
    let ways: [(&str, Spoil); 6] = [
        ("bytes behind it", |der| der.push(0)),
        ("its end missing", |der| der.truncate(der.len() - 1)),
        ("nothing", Vec::clear),
        ("its time missing", |der| {
            let at = der.windows(4).position(|field| field == [0xa1, 6, 2, 4]).unwrap();
            der.drain(at..at + 8);
            let len = if der[1] == 0x81 { 2 } else { 1 };
            der[len] -= 8;
        }),
        ("another context", |der| {
            let at = der.windows(6).position(|bytes| bytes == b"\x04\x04test").unwrap();
            der[at + 2] ^= 1;
        }),
        // The id is the first string of 32 bytes.
        ("another id", |der| {
            let at = der.windows(2).position(|pair| pair == [4, 32]).unwrap();
            der[at + 2] ^= 1;
        }),
    ];
    for version in VERSIONS {
        for (what, spoil) in ways {
            let store = Store { spoil: Some(spoil), ..Store::default() };
            let mode = CacheMode::SERVER | CacheMode::NO_INTERNAL;
            let (cache, _) = cache_over(&store, mode);
            let (server, attached): (_, Attached) = attached(version, &cache);
            let client = Client::new();
            let session = first_session(&server, &client);
            assert!(!meet(&server, &client, Some(&session)), "{version:?}: {what}");
            assert_eq!(attached.stats().unreadable, 1, "{version:?}: {what}");
        }
    }
}

/// Sessions expire by the cache's clock, whatever libssl makes of their own times.
#[test]
fn a_session_that_is_too_old_for_libssl_resumes_if_the_cache_says_so() {
    // Field 1 is the time, in seconds, and those are four bytes.
    let age: Spoil = |der| {
        let at = der.windows(4).position(|field| field == [0xa1, 6, 2, 4]).unwrap() + 4;
        let seconds = u32::from_be_bytes(der[at..at + 4].try_into().unwrap());
        der[at..at + 4].copy_from_slice(&(seconds - 100_000).to_be_bytes());
    };
    for version in VERSIONS {
        let store = Store { spoil: Some(age), ..Store::default() };
        let (cache, server) = server(version, &store, CacheMode::SERVER | CacheMode::NO_INTERNAL);
        let client = Client::new();
        let session = first_session(&server, &client);
        assert!(meet(&server, &client, Some(&session)), "{version:?}");
        assert_eq!(cache.stats().callback_hits, 1);
    }
}

#[test]
fn the_store_hears_why_a_session_left() {
    let store = Store::default();
    let (_, server) = server(SslVersion::TLS1_2, &store, CacheMode::SERVER);
    let client = Client::new();
    let mut pair = support::Pair::new(&server, &client, None);
    pair.shake_hands().unwrap();
    assert_eq!(store.rows.lock().unwrap().len(), 1);
    drop(pair);
    assert_eq!(*store.reasons.lock().unwrap(), [RemovalReason::Removed]);
    assert!(store.rows.lock().unwrap().is_empty());
}

#[test]
fn nothing_is_removed_from_a_store_when_a_server_ends() {
    for version in VERSIONS {
        let store = Store::default();
        let (cache, server) = server(version, &store, CacheMode::SERVER);
        first_session(&server, &Client::new());
        let held = store.rows.lock().unwrap().len();
        drop((server, cache));
        assert_eq!(store.rows.lock().unwrap().len(), held, "{version:?}");
    }
}

/// Panics print their message; what matters is that nothing unwinds into C and all goes on.
#[test]
fn callbacks_that_panic_cost_a_resumption_and_nothing_else() {
    for version in VERSIONS {
        let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
        let callbacks = Callbacks::none()
            .on_new(|_: SessionView<'_>| -> Retention { panic!("new, on purpose") })
            .on_get(|_: &SessionIdContext, _: &SessionId| -> Option<Session> {
                panic!("get, on purpose")
            })
            .on_remove(|_: resumption_cache::Removal<'_>| panic!("remove, on purpose"));
        let cache = SessionCache::builder().clock(clock.clone()).callbacks(callbacks);
        let cache = cache.build().unwrap();
        let (server, _) = attached(version, &cache);
        let client = Client::new();
        for _ in 0..2 {
            let mut pair = support::Pair::new(&server, &client, None);
            pair.shake_hands().unwrap();
            // The remove callback.
            drop(pair);
        }
        let session = client.take_session();
        clock.advance(Lifetime::from_secs(1));
        cache.context(SessionIdContext::new(b"test").unwrap()).unwrap().invalidate();
        assert!(!meet(&server, &client, Some(&session)), "{version:?}: after the get callback");
        assert!(cache.stats().callback_panics >= 5, "{:?}", cache.stats());
    }
}

#[test]
fn a_hook_that_panics_is_counted_and_means_no_session() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, attached) = attached_with(
            version,
            &cache,
            |_| (),
            |adapter| adapter.not_resumable(|_| panic!("a hook, on purpose")),
        );
        assert!(!meet(&server, &Client::new(), None), "{version:?}");
        assert_eq!((cache.len(), attached.stats().hook_panics), (0, 1));
    }
}

#[test]
fn a_hook_decides_who_may_come_back() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, _) = attached_with(
            version,
            &cache,
            |_| (),
            |adapter| {
                adapter.not_resumable(|ssl| {
                    ssl.servername(openssl::ssl::NameType::HOST_NAME) == Some("once.org")
                })
            },
        );
        let once = Client::of("once.org");
        assert!(!meet(&server, &once, None));
        assert_eq!(cache.len(), 0, "{version:?}");
        let session = first_session(&server, &Client::new());
        assert!(meet(&server, &Client::new(), Some(&session)), "{version:?}");
    }
}
