//! Who takes part: one file a peer, one trait for all.

mod cache;
mod dash_map;
mod lru_cache;
mod map;
mod moka_cache;
mod quick;
mod rustls_cache;

use crate::ids::Id;
use crate::sample::{self, Cell, Sample};
use crate::workload::Workload;

/// A place to keep sessions, used as a server would use it.
pub(crate) trait Peer: Sync + Sized {
    /// How the tables call it.
    const NAME: &'static str;
    /// What one has to know about it to read the tables.
    const NOTE: &'static str;
    /// Whether it lets sessions go when it is full.
    const BOUND: Bound;

    /// A peer that holds `capacity` sessions.
    fn with_capacity(capacity: usize) -> Self;

    /// Looks a session up, in place where that is possible, and [`touch`]es it.
    fn get(&self, id: &Id) -> Option<u64>;

    /// Stores a session; every peer makes its own copy of `payload`. False when it was refused.
    fn insert(&self, id: &Id, payload: &[u8]) -> bool;

    /// Looks a session up, deletes it, and [`touch`]es it.
    fn take(&self, id: &Id) -> Option<u64>;
}

/// Whether a peer has a capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Entries,
    None,
}

/// Reads both ends of a session, so that its memory is really reached.
pub(crate) fn touch(payload: &[u8]) -> u64 {
    match payload {
        [first, .., last] => u64::from(*first) << 8 | u64::from(*last),
        [only] => u64::from(*only),
        [] => 0,
    }
}

/// A peer with its type erased: what is generic is a whole sample, so that nothing inside the
/// measured loop is called through a pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) note: &'static str,
    pub(crate) sample: fn(&Cell) -> Sample,
    bound: Bound,
}

impl Contender {
    fn of<P: Peer>() -> Self {
        Self { name: P::NAME, note: P::NOTE, sample: sample::take::<P>, bound: P::BOUND }
    }

    pub(crate) fn takes_part(&self, workload: Workload) -> bool {
        self.bound == Bound::Entries || !workload.needs_bound()
    }
}

/// Everyone; the first is the one that the ratios are about.
pub(crate) fn all() -> Vec<Contender> {
    vec![
        Contender::of::<cache::Cache>(),
        Contender::of::<map::BareMap>(),
        Contender::of::<rustls_cache::RustlsCache>(),
        Contender::of::<quick::QuickCache>(),
        Contender::of::<moka_cache::MokaCache>(),
        Contender::of::<dash_map::DashMap>(),
        Contender::of::<lru_cache::LockedLru>(),
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
        let mut random = Random::new(1);
        let [here, absent] = [0; 2].map(|_| ids::fresh(&mut random));
        assert!(peer.insert(&here, &[1, 0, 2]), "{}", P::NAME);
        let touched = Some(touch(&[1, 0, 2]));
        assert_eq!(peer.get(&here), touched, "{}", P::NAME);
        assert_eq!(peer.get(&absent), None, "{}", P::NAME);
        assert_eq!(peer.take(&here), touched, "{}", P::NAME);
        assert_eq!(peer.take(&here), None, "{}", P::NAME);
        assert_eq!(peer.get(&here), None, "{}", P::NAME);
    }

    #[test]
    fn every_peer_stores_finds_and_takes() {
        stores_finds_and_takes::<cache::Cache>();
        stores_finds_and_takes::<map::BareMap>();
        stores_finds_and_takes::<rustls_cache::RustlsCache>();
        stores_finds_and_takes::<quick::QuickCache>();
        stores_finds_and_takes::<moka_cache::MokaCache>();
        stores_finds_and_takes::<dash_map::DashMap>();
        stores_finds_and_takes::<lru_cache::LockedLru>();
    }

    #[test]
    fn only_bounded_peers_are_asked_to_evict() {
        let unbounded = Contender::of::<dash_map::DashMap>();
        assert!(!unbounded.takes_part(Workload::InsertFull));
        assert!(unbounded.takes_part(Workload::Get));
        assert!(Contender::of::<lru_cache::LockedLru>().takes_part(Workload::InsertFull));
    }
}
