//! The facade's names are the crates' own types: what one returns, another takes.

use resumption::{
    CacheMode, Callbacks, Capacity, Clock, GetSession, Lifetime, ManualClock, NewSession, Refusal,
    Removal, RemoveSession, Role, SecretBytes, Session, SessionCache, SessionId, SessionIdContext,
    Timestamp, Usage,
};

/// Compiles only if both are the same type.
fn same<T>(_: &T, _: &T) {}

#[test]
#[expect(unused_qualifications, reason = "one type by two names is what is tested")]
fn the_names_are_the_crates_own() {
    same(&CacheMode::default(), &resumption_policy::CacheMode::default());
    same(&CacheMode::default(), &resumption_cache::CacheMode::default());
    same(&Refusal::Context, &resumption_cache::Refusal::Context);
    same(&Callbacks::none(), &resumption_callbacks::Callbacks::none());
    same(&Usage::default(), &resumption_session::Usage::default());
    same(&Capacity::default(), &resumption_cache::Capacity::default());
    same(&SessionIdContext::EMPTY, &resumption_session::SessionIdContext::EMPTY);
}

#[test]
fn everything_an_application_needs_has_a_name_here() {
    // Traits can be implemented and objects made, with nothing but this crate.
    fn is_callback<T: NewSession + GetSession + RemoveSession>() {}
    struct Store;
    impl NewSession for Store {
        fn new_session(&self, _: resumption::SessionView<'_>) -> resumption::Retention {
            resumption::Retention::Keep
        }
    }
    impl GetSession for Store {
        fn get(&self, _: &SessionIdContext, _: &SessionId) -> Option<Session> {
            None
        }
    }
    impl RemoveSession for Store {
        fn remove_session(&self, _: Removal<'_>) {}
    }
    is_callback::<Store>();

    let clock = ManualClock::new(Timestamp::from_unix_secs(1_000_000));
    let callbacks = Callbacks::none().on_new(Store).on_get(Store).on_remove(Store);
    let cache = SessionCache::builder().callbacks(callbacks).clock(clock.clone()).build();
    let cache = cache.expect("the defaults are possible");
    let context = cache.context(SessionIdContext::EMPTY).expect("the first");
    let payload = SecretBytes::new(vec![1]);
    let id = SessionId::from([9; 32]);
    let session = Session::new(id, *context.bytes(), clock.now(), Lifetime::from_secs(1), payload);
    context.insert_negotiated(Role::Server, session).expect("room");
    assert!(context.get(&id).is_hit());
    assert_eq!(cache.stats().hits, 1);
}

#[cfg(feature = "rustls")]
#[test]
fn the_adapter_is_there_under_its_feature() {
    let cache = SessionCache::builder().build().expect("the defaults are possible");
    let context = cache.context(SessionIdContext::EMPTY).expect("the first");
    let store = resumption::rustls::RustlsStore::new(context);
    assert_eq!(store.context().bytes(), &SessionIdContext::EMPTY);
}

#[cfg(feature = "client")]
#[test]
fn the_clients_side_is_there_under_its_feature() {
    use resumption::client::{ClientCache, ServerKey, Transport};

    let cache = SessionCache::builder().mode(CacheMode::CLIENT).build();
    let cache = ClientCache::new(cache.expect("the defaults are possible"));
    let sessions = cache.configuration(SessionIdContext::EMPTY).expect("the first");
    let server = ServerKey::new("example.org", 443, Transport::Tcp);
    assert!(sessions.attempt(&server).session().is_none());
}

#[cfg(feature = "openssl")]
#[test]
fn the_openssl_adapter_is_there_under_its_feature() {
    let cache = SessionCache::builder().build().expect("the defaults are possible");
    let context = cache.context(SessionIdContext::EMPTY).expect("the first");
    let adapter = resumption::openssl::OpensslCache::builder(context);
    assert!(format!("{adapter:?}").contains("RemoveOwn"));
}

#[cfg(all(feature = "redis", feature = "snapshot"))]
#[test]
fn what_leaves_the_process_is_there_under_its_features() {
    use resumption::external::ExternalStore;
    use resumption::redis::{RedisConfig, RedisStore, Topology};
    use resumption::sealing::{Codec, KeyRing, MasterKey, Namespace};

    let config = RedisConfig::new(Topology::Standalone, ["redis://localhost"]).expect("a URL");
    let _store: Box<dyn ExternalStore> = Box::new(RedisStore::new(config).expect("asks nobody"));
    let key = || MasterKey::generate().expect("random");
    let ring = KeyRing::new(&[key()], &[key()]).expect("two keys");
    let namespace = Namespace::new("shop").expect("a name");
    let snapshots = resumption::snapshot::Snapshots::new(ring, namespace, Codec::RUSTLS_0_23);
    let cache = SessionCache::builder().build().expect("the defaults are possible");
    assert_eq!(snapshots.write(&cache, &mut Vec::new()).expect("to memory").sessions, 0);
}
