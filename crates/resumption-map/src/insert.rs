//! Inserting and replacing.

use core::fmt;
use core::ptr::NonNull;

use crate::departures::{Cause, Departures};
use crate::draft::Draft;
use crate::handle::Handle;
use crate::key::{HashParts, Key};
use crate::map::Map;
use crate::node::{Header, Node};
use crate::node_ref::NodeRef;
use crate::operation::Operation;
use crate::reclaim::Reclaim;
use crate::shard::Shard;
use crate::sync::{HintU8, Ordering, mutant, yield_now};
use crate::weight::to_units;

/// The most credit that an entry can begin with.
pub const MAX_CREDIT: u8 = 3;

/// How often an insert that finds no memory steps aside before it is refused, for threads that were
/// interrupted inside an operation. More threads than cores need a few.
const RECLAIM_ATTEMPTS: usize = 16;

/// What [`Map::insert`] puts into the map.
pub struct NewEntry<'b, T> {
    /// The value.
    pub value: T,
    /// Copied into the entry, overwritten with zeros at the end; at most [`Map::bytes_in_place`].
    pub bytes: &'b [u8],
    /// The last instant at which the entry is found; `u64::MAX` is for ever.
    pub expires: u64,
    /// What the entry counts against the weight limit, for instance its bytes; at most 1 MiB.
    pub weight: u32,
    /// How often eviction's hand passes the entry by before it is a victim, 0 to [`MAX_CREDIT`]; 1 is
    /// ordinary, and what each hit restores.
    pub credit: u8,
}

impl<T> fmt::Debug for NewEntry<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEntry").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// What an insert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// The key had no live entry.
    New,
    /// The key's entry was replaced, without a gap.
    Replaced,
}

/// Why an insert was refused; the value comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusedWhy {
    /// The entry that was to be renewed has departed.
    Departed,
    /// There was no room and nothing to evict: other threads hold what room there is.
    Full,
    /// A reader that stands still keeps departed entries, and their memory, from being reclaimed.
    Reclaim,
    /// It alone outweighs its shard's part, or 1 MiB, or has more bytes than are kept in place.
    TooHeavy,
}

/// An insert that was refused.
pub struct Refused<T> {
    /// The reason.
    pub why: RefusedWhy,
    /// What was to be inserted.
    pub value: T,
}

impl<T> fmt::Debug for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused").field("why", &self.why).finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    /// Inserts an entry, or replaces the one of the same key. When there is no room, other entries are
    /// evicted, never this one.
    ///
    /// # Errors
    /// [`Refused`] with the value, and nothing has changed except that entries may have been evicted.
    /// # Concurrency
    /// Takes effect at the exchange that links the entry (edge E1). Replacing shows no gap and no
    /// double: the same exchange ends the old entry.
    /// # Cost
    /// One hash, one pin, one search of a chain; at capacity, the entries that the hand passes.
    pub fn insert<'m>(
        &'m self,
        key: Key,
        entry: NewEntry<'_, T>,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<Inserted, Refused<T>> {
        let (inserted, _) = self.insert_with_refs(&key, entry, now, departures, 1)?;
        Ok(inserted)
    }

    /// Inserts and returns a handle to the new entry; otherwise as [`insert`](Self::insert).
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn insert_held<'m>(
        &'m self,
        key: Key,
        entry: NewEntry<'_, T>,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<(Inserted, Handle<'m, T>), Refused<T>> {
        let (inserted, draft) = self.insert_with_refs(&key, entry, now, departures, 2)?;
        Ok((inserted, draft.into_handle()))
    }

    #[inline]
    fn insert_with_refs<'m>(
        &'m self,
        key: &Key,
        entry: NewEntry<'_, T>,
        now: u64,
        departures: &mut Departures<'m, T>,
        refs: u32,
    ) -> Result<(Inserted, Draft<'m, T>), Refused<T>> {
        let (shard, hash) = self.locate(key);
        let limit = self.core.limits.0.weight_units_per_shard.load(Ordering::Relaxed);
        let weight = to_units(entry.weight).filter(|weight| u64::from(*weight) <= limit);
        let fits = entry.bytes.len() <= self.core.bytes_in_place;
        let Some(weight) = weight.filter(|_| fits) else {
            return Err(Refused { why: RefusedWhy::TooHeavy, value: entry.value });
        };
        let Some(node) = self.slot(shard) else {
            return Err(Refused { why: RefusedWhy::Reclaim, value: entry.value });
        };
        let header = Header {
            expires: entry.expires,
            scope: key.scope(),
            tag: hash.tag(),
            weight,
            id_len: key.id_len(),
            credit: HintU8::new(entry.credit.min(MAX_CREDIT)),
            id: *key.padded_id(),
        };
        // SAFETY: the slot was just handed out, to this thread alone, and holds no value; the bytes fit.
        let draft = unsafe { Draft::fill(shard, node, header, entry.value, entry.bytes, refs) };
        let linked = self
            .writing(shard, |operation| operation.link(&draft, weight, key, hash, now, departures));
        match linked {
            Ok(inserted) => Ok((inserted, draft)),
            Err(why) => Err(Refused { why, value: draft.withdraw() }),
        }
    }

    /// A slot for a new entry: a freed one, or one never used, as long as not too much garbage waits.
    #[inline]
    pub(crate) fn slot(&self, shard: &Shard<T>) -> Option<NonNull<Node<T>>> {
        shard.slab.0.reuse().or_else(|| self.further_slot(shard))
    }

    fn further_slot(&self, shard: &Shard<T>) -> Option<NonNull<Node<T>>> {
        if shard.garbage() < self.core.garbage_per_shard {
            return shard.slab.0.claim_fresh();
        }
        // Somebody may only have been interrupted inside an operation: let them go on before refusing.
        for _attempt in 0..RECLAIM_ATTEMPTS {
            self.reading(shard, |operation| {
                operation.hand_on_retired();
                self.reclaim.advance(operation.guard());
            });
            shard.reclaim(usize::MAX);
            if let Some(slot) = shard.slab.0.reuse() {
                return Some(slot);
            }
            yield_now();
        }
        (shard.garbage() < self.core.garbage_per_shard).then(|| shard.slab.0.claim_fresh())?
    }
}

impl<'m: 'g, 'g, T: Send + Sync + 'static, R: Reclaim> Operation<'m, 'g, T, R> {
    #[inline]
    fn link(
        &self,
        draft: &Draft<'m, T>,
        weight: u16,
        key: &Key,
        hash: HashParts,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<Inserted, RefusedWhy> {
        let list = self.shard.bucket(hash.bucket(self.shard.buckets()));
        let quota = &self.shard.writers.0.quota;
        let mut entered = false;
        loop {
            let search =
                list.search(hash.tag(), key, self.pinned(), |unlinked| self.retire(unlinked));
            if let Some((old, next)) = search.found {
                // The old entry's place is enough, but for a moment both weigh.
                if !entered {
                    self.add_weight(weight, now, departures)?;
                }
                if !self.replace(old, next, draft.node(self.pinned())) {
                    if !entered {
                        quota.pass_on(weight, 0);
                    }
                    continue;
                }
                let cause =
                    if old.header().expires < now { Cause::Expired } else { Cause::Replaced };
                departures.push(cause, || self.handle(old));
                list.purge(self.pinned(), |unlinked| self.retire(unlinked));
                if entered {
                    self.give_back(1, u64::from(old.header().weight));
                } else {
                    quota.pass_on(old.header().weight, 0);
                }
                return Ok(match cause {
                    Cause::Expired => Inserted::New,
                    _ => Inserted::Replaced,
                });
            }
            if !entered {
                // May evict, even from this very list: the exchange below notices.
                self.enter(weight, now, departures)?;
                entered = true;
            }
            if list.link(draft.node(self.pinned()), &search) {
                if mutant("evict_after_linking") && self.map.core.pool.0.in_debt() {
                    self.evict_one(now, departures);
                }
                return Ok(Inserted::New);
            }
        }
    }

    fn replace(&self, old: NodeRef<'g, T>, next: *mut Node<T>, new: NodeRef<'g, T>) -> bool {
        if mutant("replace_with_gap") {
            if old.kill(next) {
                self.give_back(1, u64::from(old.header().weight));
            }
            return false;
        }
        old.replace(next, new)
    }
}
