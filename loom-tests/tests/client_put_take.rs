//! A client is given a ticket while another of its connections asks for one: whoever sees the ticket's
//! place ready finds the ticket, and it is offered once.
//!
//! * Edges: E13.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. The one with the cache is too large without a bound.
//! * Kills: `publish_place_relaxed`, `take_up_place_relaxed`.

use loom_tests::engine::{HOUR, cache, quiet};
use loom_tests::{Note, Shared, model, race};
use resumption_cache::CacheMode;
use resumption_client::model::Places;
use resumption_client::{ClientCache, Content, ReceivedSession, ServerKey, Transport};
use resumption_session::{ProtocolVersion, SecretBytes, SessionIdContext};

fn ticket() -> ReceivedSession {
    let content = Content::Bytes(SecretBytes::new(vec![7]));
    ReceivedSession::new(ProtocolVersion::Tls13, HOUR, content)
}

#[test]
fn whoever_sees_a_place_ready_finds_its_ticket() {
    // Without the cache: the fences of its pins would order more than the index itself does.
    model("client_put_take_place", 2, || {
        let shared = Shared::new((Places::new(1), Note::new()));
        let there = Shared::clone(&shared);
        race(
            || {
                let (places, ticket) = &*shared;
                let found = places.take(|| ticket.is_written());
                assert!(found != Some(false), "ready, and its ticket is not there");
            },
            move || {
                let (places, ticket) = &*there;
                places.put(|| ticket.write());
            },
        );
    });
}

#[test]
fn a_ticket_is_offered_once_whoever_comes_when() {
    model("client_put_take", 2, || {
        let (cache, _, _) = cache(|builder| builder.mode(CacheMode::CLIENT | quiet()));
        let cache = ClientCache::new(cache).with_tickets_per_server(std::num::NonZeroU8::MIN);
        let sessions = cache.configuration(SessionIdContext::EMPTY).expect("the first");
        let server = ServerKey::new("a.example", 443, Transport::Tcp);
        // The index is there already.
        sessions.insert(&server, &ticket()).expect("room");
        assert!(sessions.take_ticket(&server).is_some());
        let (there, its) = (sessions.clone(), server.clone());
        let (during, ()) = race(
            || sessions.take_ticket(&server).is_some(),
            move || there.insert(&its, &ticket()).expect("room"),
        );
        let after = sessions.take_ticket(&server).is_some();
        assert!(during != after, "offered {}", if during { "twice" } else { "to nobody" });
    });
}
