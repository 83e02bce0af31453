//! Looking entries up.

use crate::departures::{Cause, Departures};
use crate::handle::{EntryView, Handle};
use crate::key::{HashParts, Key};
use crate::map::Map;
use crate::node_ref::NodeRef;
use crate::operation::Operation;
use crate::reclaim::Reclaim;
use crate::shard::Shard;
use crate::sync::{Ordering, mutant};

/// What a key led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<R> {
    /// A live entry, and what was made of it.
    Hit(R),
    /// An entry that was too old; it has departed now.
    Expired,
    /// Nothing.
    Absent,
}

impl<R> Found<R> {
    /// The result of a hit.
    pub fn hit(self) -> Option<R> {
        match self {
            Self::Hit(result) => Some(result),
            Self::Expired | Self::Absent => None,
        }
    }
}

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    /// Finds an entry and lends it to `f` under the operation's guard. `f` must be short and must not
    /// block: while it runs, nothing that departs anywhere in the map is reclaimed. An expired entry
    /// departs and is reported.
    ///
    /// # Concurrency
    /// Takes effect at the load of the entry's state. A lookup never waits and, on a hit, writes at most
    /// one byte (the entry's credit, once per lap of the evicting hand).
    /// # Cost
    /// One hash, one pin, one chain: on average 1.25 nodes on a hit.
    #[inline]
    pub fn get_with<'m, X>(
        &'m self,
        key: Key,
        now: u64,
        departures: &mut Departures<'m, T>,
        f: impl FnOnce(EntryView<'_, T>) -> X,
    ) -> Found<X> {
        let (shard, hash) = self.locate(&key);
        self.reading(shard, |operation| {
            operation.find(&key, hash, now, departures).map_hit(|node| f(EntryView::new(node)))
        })
    }

    /// Finds an entry and returns a counted handle to it; otherwise as [`get_with`](Self::get_with).
    ///
    /// # Cost
    /// As `get_with`, and a locked instruction on the entry's second line now and when the handle goes.
    pub fn get<'m>(
        &'m self,
        key: Key,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Found<Handle<'m, T>> {
        let (shard, hash) = self.locate(&key);
        self.reading(shard, |operation| {
            operation.find(&key, hash, now, departures).map_hit(|node| Handle::new(node, shard))
        })
    }
}

impl<X> Found<X> {
    /// Makes something else of a hit.
    #[inline]
    pub fn map_hit<Y>(self, f: impl FnOnce(X) -> Y) -> Found<Y> {
        match self {
            Self::Hit(hit) => Found::Hit(f(hit)),
            Self::Expired => Found::Expired,
            Self::Absent => Found::Absent,
        }
    }
}

impl<'m: 'g, 'g, T: Send + Sync + 'static, R: Reclaim> Operation<'m, 'g, T, R> {
    #[inline]
    fn find(
        &self,
        key: &Key,
        hash: HashParts,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Found<NodeRef<'g, T>> {
        let bucket = hash.bucket(self.shard.buckets());
        let Some(linked) = self.shard.bucket(bucket).lookup(hash.tag(), key, self.pinned()) else {
            return Found::Absent;
        };
        let node = linked.node;
        let header = node.header();
        if header.expires < now && !mutant("find_expired") {
            return self.expire_or_find(key, hash, now, departures);
        }
        // A hint for eviction: one relaxed store per lap of the hand, none while the credit lasts.
        if header.credit.load(Ordering::Relaxed) == 0 {
            header.credit.store(1, Ordering::Relaxed);
        }
        Found::Hit(node)
    }

    /// The rare branch of a lookup: the entry seen was too old. It departs, unless somebody else is
    /// faster, who may have put a fresh one in its place.
    #[cold]
    fn expire_or_find(
        &self,
        key: &Key,
        hash: HashParts,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Found<NodeRef<'g, T>> {
        let bucket = hash.bucket(self.shard.buckets());
        let list = self.shard.bucket(bucket);
        while let Some(linked) = list.lookup(hash.tag(), key, self.pinned()) {
            let node = linked.node;
            if node.header().expires >= now {
                return Found::Hit(node);
            }
            if self.kill(node, linked.next, Cause::Expired, departures) {
                self.unlink(&linked, bucket);
                self.give_back(1, u64::from(node.header().weight));
                return Found::Expired;
            }
        }
        Found::Absent
    }

    /// Like [`find`](Self::find), for an entry that is to depart with `cause` at once.
    pub(crate) fn find_and_kill(
        &self,
        key: &Key,
        hash: HashParts,
        now: u64,
        departures: &mut Departures<'m, T>,
        win: impl Fn(&Self, NodeRef<'g, T>, &mut Departures<'m, T>),
    ) -> Found<NodeRef<'g, T>> {
        let bucket = hash.bucket(self.shard.buckets());
        let list = self.shard.bucket(bucket);
        while let Some(linked) = list.lookup(hash.tag(), key, self.pinned()) {
            let node = linked.node;
            if node.header().expires < now {
                if self.kill(node, linked.next, Cause::Expired, departures) {
                    self.unlink(&linked, bucket);
                    self.give_back(1, u64::from(node.header().weight));
                    return Found::Expired;
                }
            } else if node.kill(linked.next) {
                // The departure is this thread's alone now.
                win(self, node, departures);
                self.unlink(&linked, bucket);
                return Found::Hit(node);
            }
            // Somebody changed the entry's word: it departed, was replaced, or has a new neighbour.
        }
        Found::Absent
    }

    pub(crate) fn handle(&self, node: NodeRef<'g, T>) -> Handle<'m, T> {
        let shard: &'m Shard<T> = self.shard;
        Handle::new(node, shard)
    }
}
