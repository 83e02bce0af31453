//! Two servers share a store that takes its time: a client of one resumes on the other, because its
//! session is fetched before the handshake.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use resumption_cache::{
    Callbacks, ExternalTake, GetSession, ManualClock, NewSession, Retention, SessionCache,
};
use resumption_rustls::{
    AcceptError, EarlyData, Greeted, HelloAcceptor, OfferedSessions, RustlsStore,
};
use resumption_session::{Session, SessionId, SessionIdContext, SessionView, Timestamp};
use rustls::HandshakeKind::{self, Full, FullWithHelloRetryRequest, Resumed};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};
use support::{Client, context, server_config, server_config_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsConnector;
use tokio_rustls::server::TlsStream;

const LATENCY: Duration = Duration::from_millis(5);

type Key = (SessionIdContext, SessionId);

/// What the servers share. It answers after a while, and counts who asked.
#[derive(Default)]
struct Remote {
    sessions: Mutex<HashMap<Key, Session>>,
    asked: Mutex<u32>,
}

/// What one server has fetched; the callbacks of its cache ask nobody else.
struct Stash {
    remote: Arc<Remote>,
    fetched: Mutex<HashMap<Key, Session>>,
}

impl Stash {
    /// Fetches what is offered, as each of the two kinds has to be.
    async fn fetch(&self, context: SessionIdContext, offered: OfferedSessions, latency: Duration) {
        let Some(id) = offered.ids().first() else { return };
        *self.remote.asked.lock().unwrap() += 1;
        sleep(latency).await;
        let key = (context, *id);
        let found = match offered {
            OfferedSessions::SingleUse(_) => self.remote.sessions.lock().unwrap().remove(&key),
            _ => self.remote.sessions.lock().unwrap().get(&key).map(|s| s.view().to_session()),
        };
        self.fetched.lock().unwrap().extend(found.map(|session| (key, session)));
    }
}

/// The two callbacks of a server's cache.
struct Shared(Arc<Stash>);

impl NewSession for Shared {
    fn new_session(&self, session: SessionView<'_>) -> Retention {
        let key = (*session.context(), *session.id());
        self.0.remote.sessions.lock().unwrap().insert(key, session.to_session());
        Retention::Keep
    }
}

impl GetSession for Shared {
    fn get(&self, context: &SessionIdContext, id: &SessionId) -> Option<Session> {
        self.0.fetched.lock().unwrap().remove(&(*context, *id))
    }

    fn take(&self, context: &SessionIdContext, id: &SessionId) -> ExternalTake {
        self.get(context, id).map_or(ExternalTake::Absent, ExternalTake::Taken)
    }
}

/// One server of the fleet.
struct Host {
    cache: SessionCache,
    store: RustlsStore,
    config: Arc<ServerConfig>,
    stash: Arc<Stash>,
    acceptor: HelloAcceptor,
    latency: Duration,
    /// What is fetched of what a client offers.
    wanted: fn(&Greeted<DuplexStream>) -> OfferedSessions,
}

impl Host {
    fn new(remote: &Arc<Remote>, clock: &ManualClock, config: &Arc<ServerConfig>) -> Self {
        let stash =
            Arc::new(Stash { remote: Arc::clone(remote), fetched: Mutex::new(HashMap::new()) });
        let callbacks =
            Callbacks::none().on_new(Shared(Arc::clone(&stash))).on_get(Shared(Arc::clone(&stash)));
        let cache =
            SessionCache::builder().clock(clock.clone()).callbacks(callbacks).build().unwrap();
        let store = RustlsStore::new(context(&cache, b"fleet"));
        let (acceptor, config) = (HelloAcceptor::new(), Arc::clone(config));
        Self { cache, store, config, stash, acceptor, latency: LATENCY, wanted: Greeted::offered }
    }

    /// Serves one connection: says hello, and waits for the client to have heard it.
    async fn serve(&self, io: DuplexStream) -> TlsStream<DuplexStream> {
        let greeted = self.acceptor.accept(io).await.unwrap();
        assert_eq!(greeted.server_name().as_deref(), Some("localhost"));
        let context = *self.store.context().bytes();
        let fetch = self.stash.fetch(context, (self.wanted)(&greeted), self.latency);
        let mut tls = greeted.handshake_after(&self.store, &self.config, fetch).await.unwrap();
        tls.write_all(b"hello").await.unwrap();
        tls.flush().await.unwrap();
        tls
    }

    /// A whole connection; says what the handshake was.
    async fn visited_by(&self, client: &Client) -> HandshakeKind {
        let (near, far) = tokio::io::duplex(4096);
        let (tls, ()) = tokio::join!(self.serve(far), visit(client, near));
        tls.get_ref().1.handshake_kind().unwrap()
    }
}

/// Connects and listens, tickets included.
async fn visit(client: &Client, io: DuplexStream) {
    let connector = TlsConnector::from(Arc::clone(client.config()));
    let mut tls = connector.connect("localhost".try_into().unwrap(), io).await.unwrap();
    let mut greeting = [0; 5];
    tls.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"hello");
}

fn fleet(config: ServerConfig) -> (Arc<Remote>, [Host; 2]) {
    let (remote, config) = (Arc::default(), Arc::new(config));
    // One clock: what is from the future by the other server's would be refused.
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
    let hosts = [(); 2].map(|()| Host::new(&remote, &clock, &config));
    (remote, hosts)
}

#[tokio::test(start_paused = true)]
async fn a_client_of_one_server_resumes_on_the_other() {
    for version in [&TLS12, &TLS13] {
        let (remote, hosts) = fleet(server_config(version));
        let client = Client::new(version);
        let began = Instant::now();
        assert_eq!(hosts[0].visited_by(&client).await, Full);
        assert_eq!((*remote.asked.lock().unwrap(), began.elapsed()), (0, Duration::ZERO));
        for visit in 1..6 {
            let host = &hosts[visit % 2];
            assert_eq!(host.visited_by(&client).await, Resumed, "{version:?}");
            assert_eq!(*remote.asked.lock().unwrap() as usize, visit);
        }
        // Each waited for the store once, and for nothing else. (Tokio's clock ticks in milliseconds.)
        assert!((5 * LATENCY..6 * LATENCY).contains(&began.elapsed()), "{:?}", began.elapsed());
        let hits: u64 = hosts.iter().map(|host| host.cache.stats().hits).sum();
        assert_eq!(hits, 5, "{version:?}");
    }
}

/// Without the fetch the store is out of reach: what makes the test above mean something.
#[tokio::test(start_paused = true)]
async fn a_store_that_is_too_slow_costs_the_resumption_and_no_more_time() {
    for version in [&TLS12, &TLS13] {
        let (_, mut hosts) = fleet(server_config(version));
        let client = Client::new(version);
        assert_eq!(hosts[0].visited_by(&client).await, Full);
        hosts[1].latency = Duration::from_secs(3600);
        let began = Instant::now();
        assert_eq!(hosts[1].visited_by(&client).await, Full, "{version:?}");
        let within = HelloAcceptor::DEFAULT_FETCH_WITHIN;
        assert!((within..2 * within).contains(&began.elapsed()), "{:?}", began.elapsed());
    }
}

/// Its session id is random when it has no session, so only the server knows whether to fetch.
#[tokio::test(start_paused = true)]
async fn a_client_of_both_versions_resumes_on_servers_of_the_older() {
    for (wanted, kind) in
        [(Greeted::offered as fn(&_) -> _, Full), (Greeted::offered_to_tls12, Resumed)]
    {
        let (_, mut hosts) = fleet(server_config(&TLS12));
        hosts[1].wanted = wanted;
        let client = Client::of_both_versions();
        assert_eq!(hosts[0].visited_by(&client).await, Full);
        assert_eq!(hosts[1].visited_by(&client).await, kind);
    }
}

/// Two servers are offered the same ticket at the same time.
#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_offered_to_both_resumes_on_one() {
    let (_, hosts) = fleet(server_config(&TLS13));
    let client = Client::new(&TLS13);
    assert_eq!(hosts[0].visited_by(&client).await, Full);
    client.memory.keep_first();
    let mut hello = Vec::new();
    client.connection().write_tls(&mut hello).unwrap();
    let offer = async |host: &Host| {
        let (mut near, far) = tokio::io::duplex(65_536);
        near.write_all(&hello).await.unwrap();
        let greeted = host.acceptor.accept(far).await.unwrap();
        let OfferedSessions::SingleUse(ids) = greeted.offered() else { panic!("a ticket") };
        assert_eq!(ids.len(), 1);
        let context = *host.store.context().bytes();
        host.stash.fetch(context, greeted.offered(), LATENCY).await;
        host.stash.fetched.lock().unwrap().len()
    };
    let (one, other) = tokio::join!(offer(&hosts[0]), offer(&hosts[1]));
    assert_eq!(one + other, 1);
}

/// The client guesses the key exchange wrong, so there are two `ClientHello`s: one fetch is for both.
#[tokio::test(start_paused = true)]
async fn a_hello_retry_request_costs_no_second_fetch() {
    let mut provider = CryptoProvider::clone(&support::provider());
    provider.kx_groups = vec![rustls::crypto::ring::kx_group::SECP384R1];
    let (remote, hosts) = fleet(server_config_with(Arc::new(provider), &TLS13));
    let client = Client::new(&TLS13);
    assert_eq!(hosts[0].visited_by(&client).await, FullWithHelloRetryRequest);
    client.memory.forget_group();
    assert_eq!(hosts[1].visited_by(&client).await, Resumed);
    assert_eq!(*remote.asked.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_byte_at_a_time_resumes_too() {
    for version in [&TLS12, &TLS13] {
        let (_, hosts) = fleet(server_config(version));
        let client = Client::new(version);
        assert_eq!(hosts[0].visited_by(&client).await, Full);

        let (near, middle) = tokio::io::duplex(4096);
        let (other_middle, far) = tokio::io::duplex(4096);
        let dribbling = tokio::spawn(dribble(middle, other_middle));
        let (tls, ()) = tokio::join!(hosts[1].serve(far), visit(&client, near));
        assert_eq!(tls.get_ref().1.handshake_kind(), Some(Resumed), "{version:?}");
        drop(tls);
        assert!(dribbling.await.unwrap() > 200, "a handshake's bytes, each by itself");
    }
}

/// Passes on what the client says byte by byte, and what the server says as it comes.
async fn dribble(client: DuplexStream, server: DuplexStream) -> usize {
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let up = async {
        let mut passed = 0;
        while let Ok(byte) = from_client.read_u8().await {
            if to_server.write_u8(byte).await.is_err() {
                break;
            }
            passed += 1;
            // The server reads it before the next one comes.
            tokio::task::yield_now().await;
        }
        passed
    };
    let (passed, _) = tokio::join!(up, tokio::io::copy(&mut from_server, &mut to_client));
    passed
}

/// A ticket that allows 0-RTT, offered to a server that fetches it.
#[tokio::test(start_paused = true)]
async fn fetched_sessions_carry_no_early_data_unless_the_operator_says_so() {
    for (early_data, accepted) in [(EarlyData::Refused, false), (EarlyData::AsConfigured, true)] {
        let mut config = server_config(&TLS13);
        config.max_early_data_size = 1_000;
        let (_, mut hosts) = fleet(config);
        hosts[0].acceptor = HelloAcceptor::new().with_early_data(EarlyData::AsConfigured);
        hosts[1].acceptor = HelloAcceptor::new().with_early_data(early_data);
        let client = Client::new(&TLS13).with_early_data();
        assert_eq!(hosts[0].visited_by(&client).await, Full);

        let (near, far) = tokio::io::duplex(65_536);
        let connect = async {
            let connector = TlsConnector::from(Arc::clone(client.config())).early_data(true);
            let mut tls = connector.connect("localhost".try_into().unwrap(), near).await.unwrap();
            tls.write_all(b"early").await.unwrap();
            tls.flush().await.unwrap();
            tls.read_exact(&mut [0; 5]).await.unwrap();
            tls.get_ref().1.is_early_data_accepted()
        };
        let (mut tls, took) = tokio::join!(hosts[1].serve(far), connect);
        assert_eq!(took, accepted, "{early_data:?}");
        assert_eq!(tls.get_ref().1.handshake_kind(), Some(Resumed));
        // It arrives, sooner or later: rustls hands 0-RTT data out by itself.
        let mut early = Vec::new();
        if let Some(mut data) = tls.get_mut().1.early_data() {
            std::io::Read::read_to_end(&mut data, &mut early).unwrap();
        }
        assert_eq!(early, if accepted { &b"early"[..] } else { b"" });
    }
}

#[tokio::test(start_paused = true)]
async fn garbage_is_answered_with_an_alert() {
    let (mut near, far) = tokio::io::duplex(65_536);
    near.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let refused = HelloAcceptor::new().accept(far).await.unwrap_err();
    assert!(matches!(refused, AcceptError::Rejected(_)), "{refused:?}");
    let mut answer = Vec::new();
    near.read_to_end(&mut answer).await.unwrap();
    assert_eq!((answer.first(), answer.len()), (Some(&21), 7), "a record of the type alert");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_not_waited_for() {
    for said in [&[][..], &[22], &[22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]] {
        let (mut near, far) = tokio::io::duplex(64);
        near.write_all(said).await.unwrap();
        let began = Instant::now();
        let acceptor = HelloAcceptor::new().with_hello_within(Duration::from_secs(2));
        let refused = acceptor.accept(far).await.unwrap_err();
        assert!(matches!(refused, AcceptError::TimedOut), "{refused:?}");
        assert_eq!(began.elapsed().as_secs(), 2);
        drop(near);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_is_closed() {
    for said in [&[][..], &[22, 3]] {
        let (mut near, far) = tokio::io::duplex(64);
        near.write_all(said).await.unwrap();
        drop(near);
        let refused = HelloAcceptor::new().accept(far).await.unwrap_err();
        assert!(matches!(refused, AcceptError::Closed), "{refused:?}");
    }
}

/// A `ClientHello` of 60 KB in records of one byte: six times as many bytes as it has.
#[tokio::test(start_paused = true)]
async fn what_is_read_is_bounded() {
    let (mut near, far) = tokio::io::duplex(4096);
    let flood = async {
        let mut sent = 0;
        let mut message = vec![1, 0, 0xea, 0x60, 3, 3];
        message.resize(60_004, 0);
        for byte in message {
            if near.write_all(&[22, 3, 1, 0, 1, byte]).await.is_err() {
                break;
            }
            sent += 6;
        }
        sent
    };
    let (refused, sent) = tokio::join!(HelloAcceptor::new().accept(far), flood);
    let refused = refused.unwrap_err();
    assert!(matches!(refused, AcceptError::TooLarge), "{refused:?}");
    // By rustls' own buffer, or by us where that is larger.
    assert!((60 * 1024..80 * 1024).contains(&sent), "{sent}");
}
