//! Three hosts, a store that fails in every way there is, and thousands of random steps:
//! * no ticket is handed out twice, whatever got lost on the way;
//! * what the host that made it has removed, that host never finds again;
//! * no prefetch takes longer than the deadline;
//! * the counters add up after each step, and nothing is left waiting in the end.

mod support;

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::time::Duration;

use resumption_cache::Lookup;
use resumption_external::{MetricKind, Prefetched, Stats, StoreUse, Wanted};
use resumption_session::{Lifetime, SessionId};
use support::{AWAY, DEADLINE, FULL, Fleet, Host, Mode, all, context, id, reusable, ring, ticket};
use tokio::time::{Instant, advance};

const SEEDS: u64 = 40;
const STEPS: u32 = 600;
const TICKETS: u8 = 120;

/// `SplitMix64`: random enough to choose, and the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound.try_into().expect("fits"))).expect("fits")
    }

    fn byte(&mut self, bound: u8) -> u8 {
        u8::try_from(self.below(bound.into())).expect("fits")
    }
}

struct World {
    fleet: Fleet,
    hosts: Vec<Host>,
    random: Random,
    /// Numbers below [`TICKETS`] are tickets, the others are reusable. Each is negotiated once.
    next: u8,
    takes: HashMap<u8, u32>,
    made_by: HashMap<u8, usize>,
    removed: Vec<HashSet<u8>>,
}

impl World {
    fn new(seed: u64) -> Self {
        let fleet = Fleet::new();
        let host = || {
            // Small enough that everything overflows now and then.
            fleet.host_with(ring(&[1], &[2, 4]), |options| {
                options
                    .queued_puts(6, 1 << 20)
                    .stash(4, 1 << 20, Duration::from_secs(5))
                    .lookups_per_handshake(2)
                    .concurrent_lookups(4)
                    .batch(3)
            })
        };
        let hosts = vec![host(), host(), host()];
        let removed = vec![HashSet::new(); hosts.len()];
        let random = Random(seed);
        let (takes, made_by) = (HashMap::new(), HashMap::new());
        Self { fleet, hosts, random, next: 0, takes, made_by, removed }
    }

    /// A session that has been negotiated, most likely a late one.
    fn known(&mut self) -> u8 {
        let last = self.next.max(1);
        last - 1 - self.random.byte(last.min(12))
    }

    async fn step(&mut self) {
        let at = self.random.index(self.hosts.len());
        match self.random.below(20) {
            0..5 if self.next < u8::MAX => {
                let number = self.next;
                self.next += 1;
                let session = if is_ticket(number) { ticket(number) } else { reusable(number) };
                self.hosts[at].negotiate(session);
                self.made_by.insert(number, at);
            }
            5..11 => self.handshake(at).await,
            11..13 => self.handshakes_at_once().await,
            13 => {
                let number = self.known();
                self.hosts[at].context.remove(&id(number));
                // On another host the removal may reach the store before the session does.
                if self.made_by.get(&number) == Some(&at) {
                    self.removed[at].insert(number);
                }
            }
            14..16 => {
                let modes = [
                    Mode::Fine,
                    Mode::Fine,
                    Mode::Fails(AWAY),
                    Mode::Fails(FULL),
                    Mode::Hangs,
                    Mode::Loses,
                    Mode::Panics,
                    Mode::Slow(Duration::from_millis(3)),
                    Mode::Slow(Duration::from_millis(30)),
                ];
                let mode = modes[self.random.index(modes.len())];
                self.fleet.store.set(mode);
            }
            16..18 => {
                let millis = self.random.below(3000);
                advance(Duration::from_millis(millis)).await;
                self.fleet.clock.advance(Lifetime::from_millis(millis));
            }
            18 => {
                let off = self.random.below(3) == 0;
                let store_use = if off { StoreUse::Off } else { StoreUse::On };
                self.hosts[at].shared.set_use(store_use);
            }
            _ => {
                let rings = [ring(&[1], &[2, 4]), ring(&[3, 1], &[2, 4]), ring(&[1, 3], &[4, 2])];
                let ring = rings.into_iter().nth(self.random.index(3)).expect("one of three");
                self.hosts[at].shared.rotate(ring);
            }
        }
        for host in &self.hosts {
            host.stats();
        }
    }

    /// A client comes back to a host, with one or two sessions.
    async fn handshake(&mut self, at: usize) {
        let offered = [self.known(), self.known()];
        let wanted = offered.map(wanted);
        let start = Instant::now();
        self.hosts[at].shared.prefetch(&context(), &wanted[..=self.random.index(2)]).await;
        assert!(start.elapsed() <= DEADLINE);
        self.resume(at, offered[0]);
    }

    /// The same session is offered to all hosts.
    async fn handshakes_at_once(&mut self) {
        let number = self.known();
        let asked = self.hosts.iter().map(|host| -> Pin<Box<dyn Future<Output = _> + Send>> {
            let shared = host.shared.clone();
            Box::pin(async move {
                let start = Instant::now();
                let prefetched: Prefetched = shared.prefetch(&context(), &[wanted(number)]).await;
                assert!(start.elapsed() <= DEADLINE);
                prefetched
            })
        });
        all(asked.collect()).await;
        for at in 0..self.hosts.len() {
            self.resume(at, number);
        }
    }

    fn resume(&mut self, at: usize, number: u8) {
        let host = &self.hosts[at];
        let resumed =
            if is_ticket(number) { host.takes(id(number)) } else { host.gets(id(number)) };
        if !resumed {
            return;
        }
        assert!(!self.removed[at].contains(&number), "{number} was removed here");
        if is_ticket(number) {
            let takes = self.takes.entry(number).or_default();
            *takes += 1;
            assert_eq!(*takes, 1, "{number} was handed out twice");
        }
    }
}

const fn is_ticket(number: u8) -> bool {
    number < TICKETS
}

fn wanted(number: u8) -> Wanted {
    let id: SessionId = id(number);
    if is_ticket(number) { Wanted::Take(id) } else { Wanted::Get(id) }
}

#[tokio::test(start_paused = true)]
async fn whatever_fails_nothing_resumes_that_must_not() {
    let (mut resumed, mut put) = (0, 0);
    for seed in 0..SEEDS {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step().await;
        }
        world.fleet.store.set(Mode::Fine);
        for host in &world.hosts {
            host.shared.set_use(StoreUse::On);
            host.settle().await;
            let stats = host.stats();
            assert_eq!((stats.puts.queued, stats.puts.writing), (0, 0));
            assert_eq!((stats.removals.queued, stats.removals.writing), (0, 0));
            assert_eq!(stats.answers.asking, 0);
            assert_metrics_say(&stats);
            put += stats.puts.stored;
        }
        resumed += world.takes.len();
        // Nor when all is written.
        advance(Duration::from_secs(10)).await;
        for (at, removed) in world.removed.clone().into_iter().enumerate() {
            for number in removed {
                world.handshake_of(at, number).await;
            }
        }
    }
    println!("{resumed} tickets resumed, {put} sessions stored");
    assert!(resumed > 300 && put > 1000, "{resumed} {put}: too few to mean anything");
}

/// What a metrics page shows is what was counted, each number under a name of its own.
fn assert_metrics_say(stats: &Stats) {
    let metrics = stats.metrics();
    let named: HashSet<_> = metrics.iter().map(|metric| (metric.name, metric.label)).collect();
    assert_eq!(named.len(), metrics.len());
    let sum = |name: &str| {
        let values = metrics.iter().filter(|metric| metric.name == name).map(|metric| metric.value);
        values.sum::<f64>()
    };
    for (name, expected) in [
        ("tls_session_store_lookups_total", stats.lookups.wanted),
        ("tls_session_store_answers_total", stats.lookups.asked),
        ("tls_session_store_rejected_total", stats.answers.rejected.total()),
        ("tls_session_store_puts_total", stats.puts.offered),
        ("tls_session_store_removals_total", stats.removals.offered),
        ("tls_session_store_put_failures_total", stats.puts.failures.total()),
    ] {
        let expected = f64::from(u32::try_from(expected).expect("small"));
        assert!((sum(name) - expected).abs() < 0.5, "{name}: {} of {expected}", sum(name));
    }
    for metric in &metrics {
        let counts = metric.name.ends_with("_total");
        assert_eq!(counts, metric.kind == MetricKind::Counter, "{}", metric.name);
    }
    // Those of one name come one after the other.
    let mut names: Vec<_> = metrics.iter().map(|metric| metric.name).collect();
    names.dedup();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
}

impl World {
    async fn handshake_of(&mut self, at: usize, number: u8) {
        self.hosts[at].shared.prefetch(&context(), &[wanted(number)]).await;
        self.resume(at, number);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_real_threads_each_ticket_is_handed_out_once() {
    let fleet = Fleet::new();
    let patient = || fleet.host_where(|options| options.deadline(Duration::from_secs(60)));
    let hosts = std::sync::Arc::new([patient(), patient(), patient()]);
    for number in 0..200 {
        hosts[usize::from(number) % 3].negotiate(ticket(number));
    }
    for host in hosts.iter() {
        host.settle().await;
    }
    let handshakes = (0..200u8).flat_map(|number| (0..6).map(move |client| (number, client % 3)));
    let handshakes = handshakes.map(|(number, at)| -> Pin<Box<dyn Future<Output = _> + Send>> {
        let hosts = std::sync::Arc::clone(&hosts);
        Box::pin(async move {
            let host: &Host = &hosts[at];
            host.shared.prefetch(&context(), &[Wanted::Take(id(number))]).await;
            (number, matches!(host.context.take(&id(number)), Lookup::CallbackHit(_)))
        })
    });
    let mut takes = HashMap::<u8, u32>::new();
    for (number, taken) in all(handshakes.collect()).await {
        *takes.entry(number).or_default() += u32::from(taken);
    }
    assert!(takes.values().all(|takes| *takes == 1), "{takes:?}");
    for host in hosts.iter() {
        host.stats();
    }
}
