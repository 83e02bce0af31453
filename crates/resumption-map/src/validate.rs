//! The whole structure, checked at rest. For tests.

use core::fmt;
use core::num::NonZeroUsize;
use core::ops::ControlFlow;
use std::collections::HashSet;

use crate::key::Key;
use crate::map::Map;
use crate::quota::places;
use crate::reclaim::Reclaim;
use crate::shard::Shard;
use crate::slot::SlotId;
use crate::sync::Ordering;

/// What is wrong with a map's structure.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalid {
    /// A departed entry can still be reached through its bucket.
    DeadReachable { shard: usize, bucket: usize },
    /// Two live entries have one key (I1).
    Duplicate { shard: usize, bucket: usize },
    /// A shard's count is not that of its live entries (I8), or exceeds its places.
    Occupied { shard: usize, occupied: usize, granted: usize, live: usize },
    /// Places were lost or made: those of the shards and of the pool are not the capacity.
    Places { granted: i64, spare: i64, capacity: Option<usize> },
    /// A slot is on two lists, or on one and in use.
    SlotTwice { shard: usize, slot: u32 },
    /// A slot is nowhere: not live, not waiting, not free, and no handle has it.
    SlotsLost { shard: usize, used: usize, listed: usize, waiting: usize, held: usize },
    /// A shard's weight is not the sum of its entries'.
    Weight { shard: usize, weight: u64, sum: u64 },
    /// An entry lies where its key does not lead.
    WrongBucket { shard: usize, bucket: usize },
    /// A live entry's slot is on a list.
    WrongSlot { shard: usize, bucket: usize },
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl core::error::Error for Invalid {}

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    /// Checks the whole structure: one live entry a key, in the bucket where its key leads, no departed
    /// one behind; counts, weights and places that add up; each slot in exactly one place. For tests.
    ///
    /// To be called when no other thread uses the map; what is held by handles may stay.
    ///
    /// # Errors
    /// [`Invalid`]: the first fault.
    #[doc(hidden)]
    pub fn validate(&self) -> Result<(), Invalid> {
        let mut granted = 0;
        for index in 0..self.shards() {
            granted += i64::from(self.validate_shard(index)?);
        }
        let (spare, capacity) = (self.core.pool.0.spare(), self.capacity().map(NonZeroUsize::get));
        if granted + spare != places(capacity) {
            return Err(Invalid::Places { granted, spare, capacity });
        }
        Ok(())
    }

    /// Checks one shard, and says how many places it has.
    fn validate_shard(&self, index: usize) -> Result<u32, Invalid> {
        let shard = &self.core.shards[index];
        let mut slots = Slots { shard: index, listed: HashSet::new() };
        let mut keys = HashSet::new();
        let mut sum = 0;
        for bucket in 0..shard.buckets() {
            let visited = self.reading(shard, |operation| {
                shard.bucket(bucket).visit(operation.pinned(), |linked| {
                    if !linked.is_live() {
                        return ControlFlow::Break(Invalid::DeadReachable { shard: index, bucket });
                    }
                    let node = linked.node;
                    let header = node.header();
                    let id = &header.id[..usize::from(header.id_len)];
                    let leads_here = Key::new(header.scope, id).is_some_and(|key| {
                        let (home, hash) = self.locate(&key);
                        core::ptr::eq(home, shard)
                            && hash.bucket(shard.buckets()) == bucket
                            && hash.tag() == header.tag
                    });
                    if !leads_here {
                        return ControlFlow::Break(Invalid::WrongBucket { shard: index, bucket });
                    }
                    if !keys.insert((header.scope, header.id, header.id_len)) {
                        return ControlFlow::Break(Invalid::Duplicate { shard: index, bucket });
                    }
                    sum += u64::from(header.weight);
                    // While linked, `chain` holds the slot's own number.
                    match slots.list(node.slot_link()) {
                        Ok(Some(slot)) if shard.slab.0.node(slot) == node.as_non_null() => {
                            ControlFlow::Continue(())
                        }
                        Ok(_) => ControlFlow::Break(Invalid::WrongSlot { shard: index, bucket }),
                        Err(fault) => ControlFlow::Break(fault),
                    }
                })
            });
            if let ControlFlow::Break(fault) = visited {
                return Err(fault);
            }
        }
        self.validate_sums(index, keys.len(), sum)?;
        slots.validate(shard, R::STRICT)?;
        Ok(shard.writers.0.quota.granted())
    }

    fn validate_sums(&self, index: usize, live: usize, sum: u64) -> Result<(), Invalid> {
        let writers = &self.core.shards[index].writers.0;
        let quota = &writers.quota;
        let (occupied, granted) = (quota.occupied() as usize, quota.granted() as usize);
        if occupied != live || occupied > granted {
            return Err(Invalid::Occupied { shard: index, occupied, granted, live });
        }
        let weight = quota.weight();
        if weight == sum { Ok(()) } else { Err(Invalid::Weight { shard: index, weight, sum }) }
    }
}

/// The slots of a shard that were met.
struct Slots {
    shard: usize,
    listed: HashSet<u32>,
}

impl Slots {
    /// Notes a slot; `None` at the end of a list.
    fn list(&mut self, link: u32) -> Result<Option<SlotId>, Invalid> {
        let Some(slot) = SlotId::from_link(link) else { return Ok(None) };
        if self.listed.insert(link) {
            Ok(Some(slot))
        } else {
            // Also how a list shows that bites its tail.
            Err(Invalid::SlotTwice { shard: self.shard, slot: link - 1 })
        }
    }

    fn list_chain<T>(&mut self, shard: &Shard<T>, first: u32) -> Result<(), Invalid> {
        let mut link = first;
        while let Some(slot) = self.list(link)? {
            link = shard.node(slot).chain.load(Ordering::Relaxed);
        }
        Ok(())
    }

    /// Meets all other slots.
    fn validate<T>(&mut self, shard: &Shard<T>, strict: bool) -> Result<(), Invalid> {
        let stacks = shard.stacks();
        self.list_chain(shard, stacks.retired)?;
        let before = self.listed.len();
        self.list_chain(shard, stacks.ready)?;
        // The rest of what is deferred waits for its grace period, in deferred actions.
        let waiting = stacks.deferred - (self.listed.len() - before);
        self.list_chain(shard, shard.slab.0.first_free())?;
        let used = shard.slab.0.used();
        let listed = self.listed.len();
        // Departed, past their grace period, and kept by handles: such slots hold their own number.
        let held = (1..=used)
            .filter(|link| !self.listed.contains(link))
            .filter_map(SlotId::from_link)
            .filter(|slot| shard.node(*slot).chain.load(Ordering::Relaxed) == slot.to_link())
            .filter(|slot| shard.node(*slot).refs() > 0)
            .count();
        let used = used as usize;
        // A strict reclaimer never uses a slot again, and lists none as free.
        if strict || used == listed + waiting + held {
            Ok(())
        } else {
            Err(Invalid::SlotsLost { shard: self.shard, used, listed, waiting, held })
        }
    }
}

#[cfg(all(test, not(any(resumption_loom, resumption_shuttle))))]
mod tests {
    use super::*;
    use crate::departures::Departures;
    use crate::insert::NewEntry;
    use crate::{Inserted, MapConfig};

    fn map_of_three() -> Map<u64> {
        let eight = NonZeroUsize::new(8).expect("eight");
        let map = Map::new(MapConfig::bounded(eight).shards(1).seed(1)).expect("a shape");
        for id in 0..3 {
            assert_eq!(put(&map, id), Inserted::New);
        }
        assert_eq!(map.validate(), Ok(()));
        map
    }

    fn put(map: &Map<u64>, id: u8) -> Inserted {
        let entry = NewEntry { value: 1, expires: u64::MAX, weight: 16, credit: 1, bytes: &[] };
        map.insert(key(id), entry, 0, &mut Departures::counting()).expect("room")
    }

    fn key(id: u8) -> Key {
        Key::new(0, &[id]).expect("one byte")
    }

    #[test]
    fn a_place_that_was_made_or_lost_is_noticed() {
        let map = map_of_three();
        map.core.pool.0.put_back(1);
        assert!(matches!(map.validate(), Err(Invalid::Places { .. })));
        let map = map_of_three();
        map.core.shards[0].writers.0.quota.leave(1);
        assert!(matches!(map.validate(), Err(Invalid::Occupied { occupied: 2, live: 3, .. })));
    }

    #[test]
    fn a_weight_that_drifted_is_noticed() {
        let map = map_of_three();
        map.core.shards[0].writers.0.quota.pass_on(0, 1);
        assert!(matches!(map.validate(), Err(Invalid::Weight { weight: 4, sum: 3, .. })));
    }

    #[test]
    fn a_slot_that_is_free_twice_or_nowhere_is_noticed() {
        let map = map_of_three();
        let slab = &map.core.shards[0].slab.0;
        slab.claim_fresh().expect("memory");
        // Nobody has a reference to it, and no list has it.
        let lost = map.validate();
        assert!(matches!(lost, Err(Invalid::SlotsLost { used: 4, listed: 3, .. })), "{lost:?}");
        let map = map_of_three();
        let shard = &map.core.shards[0];
        let linked = SlotId::from_link(1).expect("the first slot");
        shard.slab.0.release(linked.to_link(), shard.node(linked));
        assert!(matches!(map.validate(), Err(Invalid::WrongSlot { .. })), "linked and free");
    }

    #[test]
    fn a_departed_entry_that_can_still_be_reached_is_noticed() {
        let map = map_of_three();
        let (shard, hash) = map.locate(&key(1));
        map.reading(shard, |operation| {
            let list = shard.bucket(hash.bucket(shard.buckets()));
            let found = list.lookup(hash.tag(), &key(1), operation.pinned());
            let linked = found.expect("it is there");
            assert!(linked.node.kill(linked.next));
        });
        assert!(matches!(map.validate(), Err(Invalid::DeadReachable { .. })));
    }

    #[test]
    fn what_waits_and_what_handles_keep_is_not_lost() {
        let map = map_of_three();
        let held = map.get(key(0), 0, &mut Departures::counting()).hit().expect("it is there");
        assert_eq!(put(&map, 0), Inserted::Replaced);
        assert_eq!(map.validate(), Ok(()), "retired");
        assert_eq!(map.maintain(), 0);
        assert_eq!(map.validate(), Ok(()), "kept by a handle only");
        drop(held);
        assert_eq!(map.validate(), Ok(()), "free");
    }
}
