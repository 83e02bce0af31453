//! 76, 137, 146, 148: clients that find their sessions in a cache of their own.

use resumption_cache::{CacheMode, Callbacks, SessionCache};
use resumption_client::ClientCache;
use resumption_session::SessionIdContext;

use super::{BOTH, Server, Stack, Version, World};
use crate::wire::Visitor;

/// A server with a cache, and a client with another.
struct Pair {
    near: World,
    far: World,
    server: Box<dyn Server>,
    client: ClientCache,
    visitor: Box<dyn Visitor>,
}

impl Pair {
    fn new(stack: &dyn Stack, version: Version, mode: CacheMode) -> Self {
        let (near, far) = (World::in_mode(mode), World::new());
        let client = ClientCache::new(SessionCache::clone(&near.cache));
        let fingerprint = SessionIdContext::new(b"trusts everybody").unwrap();
        let visitor = stack.visitor(version, client.configuration(fingerprint).unwrap());
        let server = far.serve(stack);
        Self { near, far, server, client, visitor }
    }

    /// Whether a connection resumed.
    fn visits(&self) -> bool {
        self.visitor.visit(&*self.server)
    }
}

pub(crate) fn case_076_no_internal_lookup_has_no_effect_on_a_client(stack: &dyn Stack) {
    for version in BOTH {
        let mode = CacheMode::CLIENT | CacheMode::NO_INTERNAL_LOOKUP;
        let pair = Pair::new(stack, version, mode);
        let asks = Callbacks::none().on_get(pair.near.store.clone());
        pair.near.cache.set_callbacks(asks);
        assert!(!pair.visits());
        assert!(pair.visits(), "{version:?}");
        assert_eq!(pair.near.store.asked(), 0, "the get callback is the servers'");
    }
}

pub(crate) fn case_137_a_client_uses_a_ticket_once_and_hears_of_each_new_one(stack: &dyn Stack) {
    let pair = Pair::new(stack, Version::Tls13, CacheMode::CLIENT);
    assert!(!pair.visits());
    assert_eq!(pair.near.announced(), 2);
    let before = pair.client.cache().stats();
    assert!(pair.visits());
    let after = pair.client.cache().stats();
    // The one that was offered has left, and is nobody's any more.
    assert_eq!(after.taken - before.taken, 1);
    assert_eq!(pair.near.announced(), stack.tickets_when_resumed());
    // The server never sees one twice.
    for _ in 0..4 {
        assert!(pair.visits());
    }
    assert_eq!((pair.far.counted().hits, pair.far.counted().misses), (5, 0));
}

pub(crate) fn case_146_a_refused_offer_is_the_clients_miss(stack: &dyn Stack) {
    for version in BOTH {
        let pair = Pair::new(stack, version, CacheMode::CLIENT);
        assert!(!pair.visits());
        pair.far.cache.flush_all();
        assert!(!pair.visits(), "{version:?}");
        let stats = pair.client.stats();
        assert_eq!((stats.refused, stats.reused), (1, 0), "{version:?}");
        assert!(pair.visits(), "{version:?}: with what the full handshake brought");
        assert_eq!(pair.client.stats().reused, 1);
    }
}

pub(crate) fn case_148_an_expired_session_is_not_offered(stack: &dyn Stack) {
    for version in BOTH {
        let pair = Pair::new(stack, version, CacheMode::CLIENT);
        assert!(!pair.visits());
        pair.near.advance(7201);
        assert!(!pair.visits(), "{version:?}");
        // The server still has it, and was not asked.
        assert_eq!(pair.far.cache.stats().offered(), 0);
        assert_eq!((pair.client.stats().found, pair.client.stats().expired), (0, 1));
    }
}
