//! Two servers share a store that no callback can wait for: what a client of one offers to the other is
//! fetched while its handshake is stopped.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use openssl::ssl::{ErrorCode, SslContext, SslContextBuilder, SslSession, SslVersion};
use resumption_cache::{Callbacks, ExternalTake, GetSession, Retention, SessionCache};
use resumption_openssl::{Attached, OfferedSessions, held, hold_for_fetch};
use resumption_session::{Session, SessionId, SessionIdContext, SessionView};
use support::{Client, Pair, VERSIONS, attached_with, waits};

type Sessions = Arc<Mutex<HashMap<SessionId, Session>>>;

/// What a server's get callback finds, and what it was asked for.
#[derive(Clone, Default)]
struct Stash {
    fetched: Sessions,
    asked: Arc<Mutex<Vec<SessionId>>>,
}

impl GetSession for Stash {
    fn get(&self, _: &SessionIdContext, id: &SessionId) -> Option<Session> {
        self.asked.lock().unwrap().push(*id);
        self.fetched.lock().unwrap().remove(id)
    }

    fn take(&self, context: &SessionIdContext, id: &SessionId) -> ExternalTake {
        self.get(context, id).map_or(ExternalTake::Absent, ExternalTake::Taken)
    }
}

/// A session as a store has it: its encoding and the rest.
fn portable(session: SessionView<'_>) -> Session {
    let der = session.encode().expect("OpenSSL's sessions can be encoded");
    let (id, context) = (*session.id(), *session.context());
    Session::new(id, context, session.created(), session.lifetime(), der)
        .with_version(session.version().unwrap())
        .with_usage(session.usage())
}

struct Host {
    server: SslContext,
    _attached: Attached,
    stash: Stash,
}

impl Host {
    fn new(
        version: SslVersion,
        remote: &Sessions,
        configure: impl FnOnce(&mut SslContextBuilder),
    ) -> Self {
        let (stash, news) = (Stash::default(), Arc::clone(remote));
        let callbacks =
            Callbacks::none().on_get(stash.clone()).on_new(move |session: SessionView<'_>| {
                news.lock().unwrap().insert(*session.id(), portable(session));
                Retention::Keep
            });
        let (_, clock) = support::cache_and_clock();
        let cache = SessionCache::builder().clock(clock).callbacks(callbacks).build().unwrap();
        let hold = |server: &mut SslContextBuilder| {
            configure(server);
            server.set_client_hello_callback(move |ssl, _alert| hold_for_fetch(ssl, version));
        };
        let (server, attached) = attached_with(version, &cache, hold, |adapter| adapter);
        Self { server, _attached: attached, stash }
    }

    /// A handshake; says whether it resumed, and what was held.
    fn meet(
        &self,
        client: &Client,
        offered: Option<&SslSession>,
        remote: &Sessions,
    ) -> (bool, Vec<OfferedSessions>) {
        let mut pair = Pair::new(&self.server, client, offered);
        let mut stops = Vec::new();
        for _round in 0..20 {
            let connected = pair.client.connect();
            let accepted = pair.server.accept();
            match accepted {
                Ok(()) if connected.is_ok() => break,
                Err(error) if error.code() == ErrorCode::WANT_CLIENT_HELLO_CB => {
                    let offered = held(pair.server.ssl());
                    let mut remote = remote.lock().unwrap();
                    let found = offered.ids().iter().filter_map(|id| remote.remove_entry(id));
                    self.stash.fetched.lock().unwrap().extend(found);
                    stops.push(offered);
                }
                Ok(()) => {}
                Err(error) => assert!(waits(&error), "{error}"),
            }
        }
        pair.hear();
        let is_resumed = pair.is_resumed();
        pair.close();
        (is_resumed, stops)
    }
}

fn hosts(version: SslVersion) -> (Sessions, [Host; 2]) {
    let remote = Sessions::default();
    let hosts = [(); 2].map(|()| Host::new(version, &remote, |_| ()));
    (remote, hosts)
}

#[test]
fn a_client_of_one_server_resumes_on_the_other() {
    for version in VERSIONS {
        let (remote, hosts) = hosts(version);
        let client = Client::with(|client| client.set_max_proto_version(Some(version)).unwrap());
        assert_eq!(hosts[0].meet(&client, None, &remote), (false, vec![]), "nothing to stop for");
        let session = client.take_session();
        let (is_resumed, stops) = hosts[1].meet(&client, Some(&session), &remote);
        assert!(is_resumed, "{version:?}");
        assert_eq!(stops.len(), 1);
        let is_single_use = matches!(stops[0], OfferedSessions::SingleUse(_));
        assert_eq!(is_single_use, version == SslVersion::TLS1_3);
        // What was held is what libssl asked for then.
        assert_eq!(*hosts[1].stash.asked.lock().unwrap(), stops[0].ids());
    }
}

/// Without the fetch the store is out of reach: what makes the test above mean something.
#[test]
fn a_store_that_has_nothing_costs_the_resumption_alone() {
    for version in VERSIONS {
        let (remote, hosts) = hosts(version);
        let client = Client::new();
        hosts[0].meet(&client, None, &remote);
        remote.lock().unwrap().clear();
        let (is_resumed, stops) = hosts[1].meet(&client, Some(&client.take_session()), &remote);
        assert!(!is_resumed && stops.len() == 1, "{version:?}");
    }
}

/// Its session id is random at first, and its session's later: nobody can tell.
#[test]
fn a_client_of_both_versions_resumes_on_servers_of_the_older() {
    let (remote, hosts) = hosts(SslVersion::TLS1_2);
    let client = Client::new();
    let (is_resumed, stops) = hosts[0].meet(&client, None, &remote);
    assert!(!is_resumed && stops.len() == 1, "a fetch in vain");
    let (is_resumed, stops) = hosts[1].meet(&client, Some(&client.take_session()), &remote);
    assert!(is_resumed && stops.len() == 1);
}

/// The client guesses the key exchange wrong, so libssl reads two `ClientHello`s and asks twice.
#[test]
fn a_hello_retry_request_stops_the_handshake_once() {
    let remote = Sessions::default();
    let hosts = [(); 2].map(|()| {
        Host::new(SslVersion::TLS1_3, &remote, |server| server.set_groups_list("P-384").unwrap())
    });
    let client = Client::with(|client| client.set_groups_list("P-256:P-384").unwrap());
    hosts[0].meet(&client, None, &remote);
    let (is_resumed, stops) = hosts[1].meet(&client, Some(&client.take_session()), &remote);
    assert!(is_resumed && stops.len() == 1, "{stops:?}");
}
