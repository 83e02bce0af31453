//! Who takes part: one file a peer, one trait for all.
//!
//! Every peer does the same work: ids of 32 bytes, payloads that it copies in itself, and a check of
//! each session's expiry at each lookup. Where a peer has no expiry of its own, [`Stored`] puts 8
//! bytes beside the payload and compares them with a fixed number, which costs it no clock reading.

mod cache;
mod dash_map;
#[expect(unsafe_code, reason = "OpenSSL is C; see the file")]
mod libssl;
mod lru_cache;
mod map;
mod moka_cache;
mod papaya_map;
mod probe;
mod quick;
mod rustls_cache;
mod scc_cache;
mod scc_map;
mod sharded;

use crate::ids::Id;
use crate::measure::{flush, memory, throughput};

/// The keyed hash that every peer gets that takes one: ours. (OpenSSL, rustls and `quick_cache` bring
/// their own.)
type Hasher = ahash::RandomState;

/// The time at which peers without a clock look sessions up.
const NOW: u64 = 1;
/// The time of a flush: what lives [`Life::Short`] is over, what lives [`Life::Long`] is not.
const FLUSH: u64 = 3;

/// How long a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Beyond any flush.
    Long,
    /// Until the flush.
    Short,
}

impl Life {
    /// When it ends, for peers that are told the time.
    pub(crate) fn end(self) -> u64 {
        match self {
            Self::Long => 1 << 40,
            Self::Short => FLUSH - 1,
        }
    }
}

/// A place to keep sessions, used as a server would use it.
pub(crate) trait Peer: Sync + Sized + 'static {
    /// How the tables call it.
    const NAME: &'static str;
    /// What one has to know about it to read the tables: what it lacks, what flatters it.
    const NOTE: &'static str;
    /// What it can do at all.
    const ABLE: Able;

    /// What a thread needs to use it.
    type Local;

    /// A peer that holds `capacity` sessions.
    fn with_capacity(capacity: usize) -> Self;

    /// A peer that holds these sessions, some of which a [`Peer::flush`] will find expired.
    fn filled(capacity: usize, ids: &[Id], payload: &[u8], life: impl Fn(usize) -> Life) -> Self {
        let peer = Self::with_capacity(capacity);
        let mut local = peer.local();
        for (index, id) in ids.iter().enumerate() {
            peer.insert(&mut local, id, payload, life(index));
        }
        drop(local);
        peer
    }

    /// What the calling thread needs.
    fn local(&self) -> Self::Local;

    /// Looks a session up, in place where that is possible, and [`touch`]es it.
    fn get(&self, local: &mut Self::Local, id: &Id) -> Option<u64>;

    /// Stores a session; every peer makes its own copy of `payload`. False when it was refused.
    fn insert(&self, local: &mut Self::Local, id: &Id, payload: &[u8], life: Life) -> bool;

    /// Looks a session up, deletes it, and [`touch`]es it.
    fn take(&self, local: &mut Self::Local, id: &Id) -> Option<u64>;

    /// Deletes what lives [`Life::Short`]. Only called if [`Able::flush`].
    fn flush(&self) {}
}

/// What a peer can do.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "four independent abilities")]
pub(crate) struct Able {
    /// It lets sessions go when it is full.
    pub(crate) evict: bool,
    /// One call deletes what is expired.
    pub(crate) flush: bool,
    /// Sessions come and go at all.
    pub(crate) write: bool,
    /// Taking one costs the same however many are held.
    pub(crate) take_among_many: bool,
    /// Roughly what a session costs it beyond its payload, to see whether a population fits.
    pub(crate) overhead: usize,
}

impl Able {
    /// A cache with everything.
    const CACHE: Self =
        Self { evict: true, flush: true, write: true, take_among_many: true, overhead: 200 };
    /// A map: nothing bounds it.
    const MAP: Self = Self { evict: false, ..Self::CACHE };
}

/// Reads both ends of a session, so that its memory is really reached.
pub(crate) fn touch(payload: &[u8]) -> u64 {
    match payload {
        [first, .., last] => u64::from(*first) << 8 | u64::from(*last),
        [only] => u64::from(*only),
        [] => 0,
    }
}

/// A session in a peer that knows no expiry.
#[derive(Clone, Debug)]
struct Stored {
    expires: u64,
    payload: Box<[u8]>,
}

impl Stored {
    fn new(payload: &[u8], life: Life) -> Self {
        Self { expires: life.end(), payload: payload.into() }
    }

    /// What a lookup makes of it.
    fn look(&self) -> Option<u64> {
        (self.expires >= NOW).then(|| touch(&self.payload))
    }

    fn outlives_the_flush(&self) -> bool {
        self.expires >= FLUSH
    }
}

/// A peer with its type erased: what is generic is a whole sample, so that nothing inside a
/// measured loop is called through a pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) note: &'static str,
    pub(crate) able: Able,
    pub(crate) hold: throughput::Hold,
    pub(crate) flush: flush::Measure,
    pub(crate) weigh: memory::Weigh,
}

impl Contender {
    fn of<P: Peer>() -> Self {
        Self {
            name: P::NAME,
            note: P::NOTE,
            able: P::ABLE,
            hold: throughput::hold::<P>,
            flush: flush::measure::<P>,
            weigh: memory::weigh::<P>,
        }
    }
}

/// This cache's name, which the ratios are about.
pub(crate) const OURS: &str = cache::Cache::NAME;
/// The map below it.
pub(crate) const OUR_MAP: &str = map::BareMap::NAME;
/// The physical limit.
pub(crate) const PROBE: &str = probe::Probe::NAME;
/// The best peer of take + put.
pub(crate) const SHARDED: &str = sharded::Sharded::NAME;

/// The version of the OpenSSL that is loaded.
pub(crate) use libssl::version as libssl_version;

/// Everyone; the first is the one that the ratios are about.
pub(crate) fn all() -> Vec<Contender> {
    vec![
        Contender::of::<cache::Cache>(),
        Contender::of::<map::BareMap>(),
        Contender::of::<rustls_cache::RustlsCache>(),
        Contender::of::<libssl::Libssl>(),
        Contender::of::<quick::QuickCache>(),
        Contender::of::<moka_cache::MokaCache>(),
        Contender::of::<scc_cache::SccCache>(),
        Contender::of::<lru_cache::LockedLru>(),
        Contender::of::<sharded::Sharded>(),
        Contender::of::<dash_map::DashMap>(),
        Contender::of::<papaya_map::PapayaMap>(),
        Contender::of::<scc_map::SccMap>(),
        Contender::of::<probe::Probe>(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use crate::random::Random;

    /// What the workloads rely on: what was stored is found, once taken it is gone.
    fn stores_finds_and_takes<P: Peer>() {
        let peer = P::with_capacity(64);
        let mut local = peer.local();
        let mut random = Random::new(1);
        let [here, absent] = [0; 2].map(|_| ids::fresh(&mut random));
        assert!(peer.insert(&mut local, &here, &[1, 0, 2], Life::Long), "{}", P::NAME);
        assert!(peer.get(&mut local, &here).is_some(), "{}", P::NAME);
        assert!(peer.get(&mut local, &absent).is_none(), "{}", P::NAME);
        assert!(peer.take(&mut local, &here).is_some(), "{}", P::NAME);
        assert!(peer.take(&mut local, &here).is_none(), "{}", P::NAME);
        assert!(peer.get(&mut local, &here).is_none(), "{}", P::NAME);
    }

    #[test]
    fn every_peer_stores_finds_and_takes() {
        stores_finds_and_takes::<cache::Cache>();
        stores_finds_and_takes::<map::BareMap>();
        stores_finds_and_takes::<rustls_cache::RustlsCache>();
        stores_finds_and_takes::<libssl::Libssl>();
        stores_finds_and_takes::<quick::QuickCache>();
        stores_finds_and_takes::<moka_cache::MokaCache>();
        stores_finds_and_takes::<scc_cache::SccCache>();
        stores_finds_and_takes::<lru_cache::LockedLru>();
        stores_finds_and_takes::<sharded::Sharded>();
        stores_finds_and_takes::<dash_map::DashMap>();
        stores_finds_and_takes::<papaya_map::PapayaMap>();
        stores_finds_and_takes::<scc_map::SccMap>();
    }

    /// A flush deletes the expired half and leaves the other.
    fn flushes_half<P: Peer>() {
        assert!(P::ABLE.flush, "{}", P::NAME);
        let ids = ids::population(200, &mut Random::new(2));
        let life = |index| if index % 2 == 0 { Life::Short } else { Life::Long };
        let peer = P::filled(400, &ids, &[7; 20], life);
        let mut local = peer.local();
        let found = |local: &mut P::Local, odd: usize| {
            ids.iter().skip(odd).step_by(2).filter(|id| peer.get(local, id).is_some()).count()
        };
        assert_eq!([found(&mut local, 0), found(&mut local, 1)], [100, 100], "{}", P::NAME);
        peer.flush();
        assert_eq!([found(&mut local, 0), found(&mut local, 1)], [0, 100], "{}", P::NAME);
    }

    #[test]
    fn a_flush_deletes_the_expired_half_and_no_more() {
        flushes_half::<cache::Cache>();
        flushes_half::<map::BareMap>();
        flushes_half::<libssl::Libssl>();
        flushes_half::<quick::QuickCache>();
        flushes_half::<scc_cache::SccCache>();
        flushes_half::<lru_cache::LockedLru>();
        flushes_half::<sharded::Sharded>();
        flushes_half::<dash_map::DashMap>();
        flushes_half::<papaya_map::PapayaMap>();
        flushes_half::<scc_map::SccMap>();
    }

    #[test]
    fn the_probe_finds_what_it_was_filled_with() {
        let mut random = Random::new(3);
        let ids = ids::population(100, &mut random);
        let probe = probe::Probe::filled(100, &ids, &[1, 0, 2], |_| Life::Long);
        assert!(ids.iter().all(|id| probe.get(&mut (), id) == Some(touch(&[1, 0, 2]))));
        assert_eq!(probe.get(&mut (), &ids::fresh(&mut random)), None);
    }
}
