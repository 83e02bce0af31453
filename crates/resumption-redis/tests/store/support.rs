//! What the tests share: keys, clocks, load, and a proxy that cuts.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use redis_harness::Server;
use resumption_callbacks::{ExternalStore, Overwrite, SealedSession, StoreError, StoreKey};
use resumption_redis::{RedisConfig, RedisStore, Topology};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Much more than any operation here takes; for those whose speed is not the question.
pub(crate) const AMPLE: Duration = Duration::from_secs(10);

/// How much later than its deadline an operation may end. The machine may be busy; what is meant is
/// that nothing waits for a second deadline.
pub(crate) const MARGIN: Duration = Duration::from_millis(250);

/// A lifetime that outlives every test.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A key that no other call returns in this process.
pub(crate) fn fresh_key() -> StoreKey {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0x5A; StoreKey::LEN];
    bytes[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    StoreKey::new(bytes)
}

/// As the store's own keys are called, with the prefix that it has unless told otherwise.
pub(crate) fn name_of(key: &StoreKey) -> String {
    let hex = |byte: &u8| format!("{byte:02x}");
    format!("resumption:{}", key.as_bytes().iter().map(hex).collect::<Vec<_>>().concat())
}

pub(crate) fn sealed(bytes: &[u8], time_to_live: Duration) -> SealedSession {
    SealedSession::new(bytes.to_vec(), time_to_live)
}

pub(crate) fn config(topology: Topology, urls: &[String]) -> RedisConfig {
    RedisConfig::new(topology, urls).expect("the harness makes good URLs")
}

pub(crate) fn standalone(url: &str) -> RedisStore {
    RedisStore::new(config(Topology::Standalone, &[url.to_owned()])).expect("no TLS, no fault")
}

/// A server with these options, and a store on it.
pub(crate) fn served(options: &redis_harness::Options) -> (Server, RedisStore) {
    let server = Server::start(options).expect("a server");
    let store = standalone(&server.url());
    (server, store)
}

/// Measures how late operations end.
#[derive(Debug, Default)]
pub(crate) struct Lateness(AtomicU64);

impl Lateness {
    /// Runs an operation that has this long.
    pub(crate) async fn of<T>(&self, within: Duration, operation: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let outcome = operation.await;
        let late = began.elapsed().saturating_sub(within);
        self.0
            .fetch_max(u64::try_from(late.as_micros()).expect("not that late"), Ordering::Relaxed);
        outcome
    }

    /// Prints the worst, and fails if it is beyond the margin.
    pub(crate) fn check(&self, what: &str) {
        let worst = Duration::from_micros(self.0.load(Ordering::Relaxed));
        println!("verified: {what}: no operation ended later than {worst:?} after its deadline");
        assert!(worst <= MARGIN, "{what}: {worst:?} late");
    }
}

/// Operations without end, until told to stop: puts, gets, takes and removes of changing keys.
pub(crate) struct Load {
    tasks: JoinSet<Vec<Outcome>>,
    stop: Arc<AtomicUsize>,
    lateness: Arc<Lateness>,
}

/// How one operation of a load ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) at: Instant,
    pub(crate) error: Option<StoreError>,
}

impl Load {
    /// Eight tasks, each with one operation at a time.
    pub(crate) fn start(store: &Arc<RedisStore>, within: Duration) -> Self {
        let stop = Arc::new(AtomicUsize::new(0));
        let lateness = Arc::new(Lateness::default());
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let (store, stop, lateness) =
                (Arc::clone(store), Arc::clone(&stop), Arc::clone(&lateness));
            tasks.spawn(async move {
                let mut outcomes = Vec::new();
                while stop.load(Ordering::Relaxed) == 0 {
                    round(&store, within, &lateness, &mut outcomes).await;
                    // As clients come: not as fast as a failure is known.
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                outcomes
            });
        }
        Self { tasks, stop, lateness }
    }

    /// All outcomes, in order; fails if an operation was late.
    pub(crate) async fn stop(self, what: &str) -> Vec<Outcome> {
        self.stop.store(1, Ordering::Relaxed);
        let mut outcomes: Vec<_> = self.tasks.join_all().await.into_iter().flatten().collect();
        outcomes.sort_by_key(|outcome| outcome.at);
        self.lateness.check(what);
        outcomes
    }
}

async fn round(
    store: &RedisStore,
    within: Duration,
    lateness: &Lateness,
    outcomes: &mut Vec<Outcome>,
) {
    let (key, value) = (fresh_key(), sealed(b"sealed", HOUR));
    let mut note = |error| outcomes.push(Outcome { at: Instant::now(), error });
    let put = store.put(&key, &value, Overwrite::Refused, within);
    note(lateness.of(within, put).await.err());
    note(lateness.of(within, store.get(&key, within)).await.err());
    note(lateness.of(within, store.take(&key, within)).await.err());
    note(lateness.of(within, store.remove(&key, within)).await.err());
}

/// How long it was from the first failure of a load to the last, and how often each kind came.
pub(crate) fn outage(outcomes: &[Outcome]) -> (Duration, String) {
    let failures: Vec<_> = outcomes.iter().filter(|outcome| outcome.error.is_some()).collect();
    let span = match (failures.first(), failures.last()) {
        (Some(first), Some(last)) => last.at - first.at,
        _ => Duration::ZERO,
    };
    let mut kinds = std::collections::BTreeMap::new();
    for error in failures.iter().filter_map(|outcome| outcome.error) {
        *kinds.entry(error.to_string()).or_insert(0) += 1;
    }
    (span, format!("{} operations, failures {kinds:?}", outcomes.len()))
}

/// Asks again and again until the store works, and says how long that took.
pub(crate) async fn recovery(store: &RedisStore, within: Duration) -> Duration {
    let (began, key) = (Instant::now(), fresh_key());
    while store.put(&key, &sealed(b"back", HOUR), Overwrite::Allowed, within).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "the store does not come back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    began.elapsed()
}

/// What a proxy does in the middle of a reply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cut {
    /// Ends the connection.
    Close,
    /// Keeps it, and passes nothing on any more.
    Hush,
}

/// Passes bytes between the store and a server, on the first and every `nth` connection after it only this many
/// of the server's.
pub(crate) async fn proxy(server: u16, cut: Cut, nth: usize, after: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("redis://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        for number in 0_usize.. {
            let Ok((client, _)) = listener.accept().await else { return };
            let left = if number.is_multiple_of(nth) { after } else { usize::MAX };
            tokio::spawn(pass(client, server, cut, left));
        }
    });
    url
}

async fn pass(client: TcpStream, server: u16, cut: Cut, mut left: usize) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let (mut requests, mut answers) = client.into_split();
    let (mut from, mut to) = server.into_split();
    let forward = tokio::spawn(async move { tokio::io::copy(&mut requests, &mut to).await });
    let mut buffer = [0; 4096];
    while left > 0 {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { break };
        let some = read.min(left);
        left -= some;
        if answers.write_all(&buffer[..some]).await.is_err() {
            break;
        }
    }
    if cut == Cut::Hush && left == 0 {
        // Until the store gives it up.
        let _ = forward.await;
    } else {
        forward.abort();
    }
}
