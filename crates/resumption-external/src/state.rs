//! What this process knows of the store, under one lock: what lies ready, what is on its way in either
//! direction, and what is not to be asked.
//!
//! Nothing here waits or asks, and no session is dropped here: what leaves is handed back.

mod asking;

use std::collections::HashMap;
use std::sync::Arc;

use resumption_callbacks::RemovalReason;
use resumption_session::Timestamp;
use tokio::time::Instant;

use crate::breaker::Breaker;
use crate::kept::Kept;
use crate::name::Name;
use crate::options::{Options, StoreUse};
use crate::queue::{Found, Queue, Write};
use crate::stats::{Answers, Breaking, Lookups, Stash, Stats};
use crate::timed::{Bounds, Timed};

use self::asking::Flight;
pub(crate) use self::asking::{Answer, Question, Step};

/// Sessions that leave: dropped, and so wiped, when the lock is free again.
pub(crate) type Leaving = Vec<Arc<Kept>>;

/// What a handshake wants to do with a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Get,
    Take,
}

/// A session that lies ready.
struct Ready {
    session: Arc<Kept>,
    kind: Kind,
}

/// Why a session that was to be taken is not to be had any more.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Spent {
    /// The store handed it to this process.
    Here,
    /// The store was asked to hand it out, and nobody knows whether it did.
    Unknown,
}

/// What a take finds.
pub(crate) enum Taken {
    /// The store was asked, or is being asked, and this is not for whoever asks now.
    Absent,
    Session(Arc<Kept>),
    /// The store was not asked.
    Unasked,
}

pub(crate) struct State {
    pub(crate) queue: Queue,
    pub(crate) write_breaker: Breaker,
    pub(crate) store_use: StoreUse,
    pub(crate) stopped: bool,
    ready: Timed<Ready>,
    absent: Timed<()>,
    spent: Timed<Spent>,
    flights: HashMap<Name, Flight>,
    lookup_breaker: Breaker,
    concurrent_lookups: usize,
    lookups: Lookups,
    answers: Answers,
    stash: Stash,
}

impl State {
    pub(crate) fn new(options: &Options) -> Self {
        let spent = Bounds { weight: 0, entries: 4 * options.stash.entries, ..options.stash };
        Self {
            queue: Queue::new(options.queue),
            write_breaker: Breaker::new(options.breaker),
            store_use: StoreUse::On,
            stopped: false,
            ready: Timed::new(options.stash),
            absent: Timed::new(options.absent),
            spent: Timed::new(spent),
            flights: HashMap::new(),
            lookup_breaker: Breaker::new(options.breaker),
            concurrent_lookups: options.concurrent_lookups,
            lookups: Lookups::default(),
            answers: Answers::default(),
            stash: Stash::default(),
        }
    }

    /// Whether the session is there to be picked up.
    pub(crate) fn lies_ready(&self, name: &Name, kind: Kind) -> bool {
        self.ready.get(name).is_some_and(|ready| ready.kind == kind)
    }

    /// A get callback reads a session.
    pub(crate) fn get(
        &mut self,
        name: &Name,
        until: Timestamp,
        leaving: &mut Leaving,
    ) -> Option<Arc<Kept>> {
        self.expire(Instant::now(), leaving);
        let ready = self.ready.get(name).filter(|ready| ready.kind == Kind::Get);
        let mut found = ready.map(|ready| Arc::clone(&ready.session));
        if found.is_none() {
            if let OnItsWay::Session(session) = self.on_its_way(name, Kind::Get, until) {
                found = Some(session);
            }
        }
        self.count_pick_up(found.is_some());
        found
    }

    /// A get callback takes a session.
    pub(crate) fn take(&mut self, name: &Name, until: Timestamp, leaving: &mut Leaving) -> Taken {
        let now = Instant::now();
        self.expire(now, leaving);
        let mut found = None;
        if self.lies_ready(name, Kind::Take) {
            found = self.ready.remove(name).map(|ready| ready.session);
        } else if let OnItsWay::Session(session) = self.on_its_way(name, Kind::Take, until) {
            found = Some(session);
        }
        self.count_pick_up(found.is_some());
        if let Some(session) = found {
            self.spent.insert(*name, Spent::Here, 0, now, &mut Vec::new());
            return Taken::Session(session);
        }
        let known = self.spent.get(name).is_some()
            || self.absent.get(name).is_some()
            || self.flights.contains_key(name)
            || self.queue.find(name).is_some();
        if known { Taken::Absent } else { Taken::Unasked }
    }

    /// A session was negotiated, and is for the store.
    pub(crate) fn added(&mut self, name: Name, session: Arc<Kept>, leaving: &mut Leaving) {
        self.expire(Instant::now(), leaving);
        self.outdate(&name, leaving);
        self.absent.remove(&name);
        self.spent.remove(&name);
        if self.store_use == StoreUse::Off {
            self.queue.put_counts.offered += 1;
            self.queue.put_counts.switched_off += 1;
            leaving.push(session);
        } else {
            self.queue.put(name, session, leaving);
        }
    }

    /// A session is not to resume any more.
    pub(crate) fn removed(
        &mut self,
        name: Name,
        reason: RemovalReason,
        until: Timestamp,
        leaving: &mut Leaving,
    ) {
        self.expire(Instant::now(), leaving);
        if reason == RemovalReason::Taken && self.spent.get(&name) == Some(&Spent::Here) {
            self.queue.removal_counts.offered += 1;
            self.queue.removal_counts.unneeded += 1;
            return;
        }
        self.outdate(&name, leaving);
        if reason == RemovalReason::Invalidated {
            self.queue.remove_invalidated(name, until, leaving);
        } else {
            self.queue.remove(name, until, leaving);
        }
    }

    /// Removes what has lain too long; when there will be more to remove.
    pub(crate) fn sweep(&mut self, leaving: &mut Leaving) -> Option<Instant> {
        self.expire(Instant::now(), leaving);
        self.ready.next_end()
    }

    pub(crate) fn stats(&self) -> Stats {
        let breaking =
            |breaker: &Breaker| Breaking { state: breaker.state(), opened: breaker.opened() };
        let count = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        Stats {
            lookups: self.lookups,
            answers: self.answers,
            stash: Stash {
                entries: count(self.ready.len()),
                bytes: count(self.ready.weight()),
                ..self.stash
            },
            puts: self.queue.put_counts,
            removals: self.queue.removal_counts,
            lookup_breaker: breaking(&self.lookup_breaker),
            write_breaker: breaking(&self.write_breaker),
            store_use: self.store_use,
        }
    }

    /// What the queue knows of a session. One that is to be taken and waits to be written leaves the
    /// queue for that.
    fn on_its_way(&mut self, name: &Name, kind: Kind, until: Timestamp) -> OnItsWay {
        let session = match (self.queue.find(name), kind) {
            (None, _) => return OnItsWay::No,
            (Some(Found::Waiting(Write::Remove(_)) | Found::Writing(Write::Remove(_))), _) => {
                return OnItsWay::Removed;
            }
            (Some(Found::Writing(Write::Put(_))), Kind::Take) => return OnItsWay::Writing,
            (Some(Found::Waiting(Write::Put(_))), Kind::Take) => self.queue.take_back(name, until),
            (Some(Found::Waiting(Write::Put(found)) | Found::Writing(Write::Put(found))), _) => {
                Some(Arc::clone(found))
            }
        };
        session.map_or(OnItsWay::No, OnItsWay::Session)
    }

    fn deposit(
        &mut self,
        name: Name,
        kind: Kind,
        session: Arc<Kept>,
        now: Instant,
        leaving: &mut Leaving,
    ) {
        let weight = session.weight();
        let mut crowded_out = Vec::new();
        self.ready.insert(name, Ready { session, kind }, weight, now, &mut crowded_out);
        self.abandon(crowded_out, leaving);
    }

    fn abandon(&mut self, gone: Vec<Ready>, leaving: &mut Leaving) {
        self.stash.abandoned += u64::try_from(gone.len()).unwrap_or(u64::MAX);
        leaving.extend(gone.into_iter().map(|ready| ready.session));
    }

    fn expire(&mut self, now: Instant, leaving: &mut Leaving) {
        let mut gone = Vec::new();
        self.ready.expire(now, &mut gone);
        self.abandon(gone, leaving);
        self.absent.expire(now, &mut Vec::new());
        self.spent.expire(now, &mut Vec::new());
    }

    /// What lies ready or is being asked for under this name is not what it was.
    fn outdate(&mut self, name: &Name, leaving: &mut Leaving) {
        leaving.extend(self.ready.remove(name).map(|ready| ready.session));
        if let Some(flight) = self.flights.get_mut(name) {
            flight.outdated = true;
        }
    }

    fn count_pick_up(&mut self, found: bool) {
        *if found { &mut self.stash.picked_up } else { &mut self.stash.not_ready } += 1;
    }
}

/// What the queue of writes knows of a session.
enum OnItsWay {
    No,
    Removed,
    Session(Arc<Kept>),
    Writing,
}
