//! Departures that are asked for: take and remove.

use crate::departures::{Cause, Departures};
use crate::handle::{EntryView, Handle};
use crate::key::{HashParts, Key};
use crate::lookup::Found;
use crate::map::Map;
use crate::reclaim::Reclaim;
use crate::shard::Shard;
use crate::sync::mutant;

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    /// Removes an entry and lends it to `f`, under the conditions of [`get_with`](Self::get_with).
    /// An expired entry departs and is not handed out.
    ///
    /// # Concurrency
    /// Takes effect at the exchange that sets the entry's DEAD bit (edge E4): exactly one of all
    /// operations that would end an entry wins it, and a lookup that begins after that cannot find it.
    /// # Security
    /// This is what makes a stateful ticket single-use: the entry has departed before `f` runs.
    #[inline]
    pub fn take_with<'m, X>(
        &'m self,
        key: Key,
        now: u64,
        departures: &mut Departures<'m, T>,
        f: impl FnOnce(EntryView<'_, T>) -> X,
    ) -> Found<X> {
        let (shard, hash) = self.locate(&key);
        self.writing(shard, |operation| {
            operation
                .find_and_kill(&key, hash, now, departures, |operation, node, _| {
                    operation.leave(node.header().weight);
                })
                .map_hit(|node| f(EntryView::new(node)))
        })
    }

    /// Removes an entry and returns the handle to it; otherwise as [`take_with`](Self::take_with).
    pub fn take<'m>(
        &'m self,
        key: Key,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Found<Handle<'m, T>> {
        let (shard, hash) = self.locate(&key);
        self.writing(shard, |operation| {
            operation
                .find_and_kill(&key, hash, now, departures, |operation, node, _| {
                    operation.leave(node.header().weight);
                })
                .map_hit(|node| operation.handle(node))
        })
    }

    /// Removes the entry of a key, expired or not; `false` when there is none.
    pub fn remove<'m>(&'m self, key: Key, departures: &mut Departures<'m, T>) -> bool {
        let (shard, hash) = self.locate(&key);
        self.writing(shard, |operation| {
            let found = operation.find_and_kill(
                &key,
                hash,
                0,
                departures,
                |operation, node, departures| {
                    departures.push(Cause::Removed, || operation.handle(node));
                    operation.give_back(1, u64::from(node.header().weight));
                },
            );
            matches!(found, Found::Hit(_))
        })
    }

    /// Removes exactly the entry that `handle` refers to, and reports it with `cause`; `false` when it
    /// has already left, even if another entry has its key now.
    pub fn remove_same<'m>(
        &'m self,
        handle: &Handle<'m, T>,
        cause: Cause,
        departures: &mut Departures<'m, T>,
    ) -> bool {
        let Some(key) = Key::new(handle.scope(), handle.id()) else { return false };
        let (shard, hash): (&'m Shard<T>, HashParts) = self.locate(&key);
        if !core::ptr::eq(shard, handle.shard()) {
            // A handle of another map.
            return false;
        }
        self.writing(shard, |operation| {
            let node = handle.node_ref();
            loop {
                let next = node.next();
                if crate::node::is_dead(next) {
                    return false;
                }
                if node.kill(next) {
                    break;
                }
            }
            departures.push(cause, || handle.clone());
            operation.purge(hash.bucket(shard.buckets()));
            operation.give_back(1, u64::from(node.header().weight));
            true
        })
    }

    /// The same object once more: whether it is in the map already, in which case nothing changes. When it
    /// is not, insert a copy: an entry that has departed never comes back.
    ///
    /// # Concurrency
    /// Takes effect at one load of the entry's state.
    pub fn insert_again(&self, handle: &Handle<'_, T>) -> bool {
        let own = self.core.shards.iter().any(|shard| core::ptr::eq(shard, handle.shard()));
        own && (handle.is_live() || mutant("again_though_departed"))
    }
}
