//! A bounded table whose entries all live equally long.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::name::Name;

/// Entries that leave after a time, or sooner when there is no room: the oldest first, which with one
/// lifetime for all is also the one that ends first.
pub(crate) struct Timed<V> {
    entries: HashMap<Name, Slot<V>>,
    // In the order of arrival. What has left meanwhile is skipped by its turn.
    order: VecDeque<(Name, u64)>,
    turn: u64,
    bounds: Bounds,
    weight: usize,
}

/// How many entries, how heavy together, for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) entries: usize,
    pub(crate) weight: usize,
    pub(crate) lifetime: Duration,
}

struct Slot<V> {
    value: V,
    weight: usize,
    until: Instant,
    turn: u64,
}

impl<V> Timed<V> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), turn: 0, bounds, weight: 0 }
    }

    /// Puts an entry in, and what has to go for it into `leaving`. One that is too heavy for the whole
    /// table goes itself.
    pub(crate) fn insert(
        &mut self,
        name: Name,
        value: V,
        weight: usize,
        now: Instant,
        leaving: &mut Vec<V>,
    ) {
        leaving.extend(self.remove(&name));
        if weight > self.bounds.weight || self.bounds.entries == 0 {
            leaving.push(value);
            return;
        }
        self.turn += 1;
        let slot = Slot { value, weight, until: now + self.bounds.lifetime, turn: self.turn };
        self.weight += weight;
        self.entries.insert(name, slot);
        self.order.push_back((name, self.turn));
        while self.entries.len() > self.bounds.entries || self.weight > self.bounds.weight {
            let Some((oldest, turn)) = self.order.pop_front() else { break };
            leaving.extend(self.remove_turn(&oldest, turn));
        }
        self.forget_what_left();
    }

    /// The entry, unless [`Timed::expire`] should have removed it.
    pub(crate) fn get(&self, name: &Name) -> Option<&V> {
        self.entries.get(name).map(|slot| &slot.value)
    }

    pub(crate) fn remove(&mut self, name: &Name) -> Option<V> {
        let slot = self.entries.remove(name)?;
        self.weight -= slot.weight;
        Some(slot.value)
    }

    /// Removes what is too old.
    pub(crate) fn expire(&mut self, now: Instant, leaving: &mut Vec<V>) {
        while let Some((name, turn)) = self.order.front().copied() {
            let slot = self.entries.get(&name).filter(|slot| slot.turn == turn);
            if slot.is_some_and(|slot| slot.until > now) {
                break;
            }
            self.order.pop_front();
            leaving.extend(self.remove_turn(&name, turn));
        }
    }

    /// When the next entry is too old.
    pub(crate) fn next_end(&self) -> Option<Instant> {
        let live = |(name, turn): &(Name, u64)| {
            self.entries.get(name).filter(|slot| slot.turn == *turn).map(|slot| slot.until)
        };
        self.order.iter().find_map(live)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) const fn weight(&self) -> usize {
        self.weight
    }

    fn remove_turn(&mut self, name: &Name, turn: u64) -> Option<V> {
        let there = self.entries.get(name).is_some_and(|slot| slot.turn == turn);
        if there { self.remove(name) } else { None }
    }

    /// Keeps the order from growing by entries that were removed or replaced.
    fn forget_what_left(&mut self) {
        if self.order.len() > 2 * self.entries.len() + 32 {
            let entries = &self.entries;
            self.order
                .retain(|(name, turn)| entries.get(name).is_some_and(|slot| slot.turn == *turn));
        }
    }
}

#[cfg(test)]
mod tests {
    use resumption_session::{SessionId, SessionIdContext};

    use super::*;

    fn name(byte: u8) -> Name {
        Name::new(&SessionIdContext::EMPTY, &SessionId::from([byte; 32]))
    }

    fn table(entries: usize, weight: usize) -> Timed<u8> {
        Timed::new(Bounds { entries, weight, lifetime: Duration::from_secs(5) })
    }

    #[test]
    fn the_oldest_leaves_when_there_is_no_room() {
        let now = Instant::now();
        let mut table = table(2, 100);
        let mut leaving = Vec::new();
        for byte in 1..=3 {
            table.insert(name(byte), byte, 10, now, &mut leaving);
        }
        assert_eq!((leaving.as_slice(), table.len(), table.weight()), (&[1][..], 2, 20));
        // Replaced: it is the youngest now.
        table.insert(name(2), 22, 10, now, &mut leaving);
        table.insert(name(4), 4, 10, now, &mut leaving);
        assert_eq!(leaving, [1, 2, 3]);
        assert_eq!((table.get(&name(2)), table.get(&name(3))), (Some(&22), None));
    }

    #[test]
    fn weight_is_a_bound_as_well() {
        let now = Instant::now();
        let mut table = table(10, 100);
        let mut leaving = Vec::new();
        table.insert(name(1), 1, 60, now, &mut leaving);
        table.insert(name(2), 2, 101, now, &mut leaving);
        assert_eq!((leaving.as_slice(), table.weight()), (&[2][..], 60));
        table.insert(name(3), 3, 50, now, &mut leaving);
        assert_eq!((leaving.as_slice(), table.weight()), (&[2, 1][..], 50));
    }

    #[test]
    fn what_is_too_old_leaves_at_its_time() {
        let now = Instant::now();
        let mut table = table(10, 100);
        let mut leaving = Vec::new();
        table.insert(name(1), 1, 1, now, &mut leaving);
        table.insert(name(2), 2, 1, now + Duration::from_secs(1), &mut leaving);
        assert_eq!(table.next_end(), Some(now + Duration::from_secs(5)));
        assert_eq!(table.remove(&name(1)), Some(1));
        assert_eq!(table.next_end(), Some(now + Duration::from_secs(6)));
        table.expire(now + Duration::from_millis(5999), &mut leaving);
        assert_eq!((leaving.len(), table.len()), (0, 1));
        table.expire(now + Duration::from_secs(6), &mut leaving);
        assert_eq!((leaving.as_slice(), table.len(), table.weight()), (&[2][..], 0, 0));
        assert_eq!(table.next_end(), None);
    }

    #[test]
    fn memory_does_not_grow_by_what_has_left() {
        let now = Instant::now();
        let mut table = table(10, 100);
        let mut leaving = Vec::new();
        for _ in 0..1000 {
            table.insert(name(1), 1, 1, now, &mut leaving);
            leaving.extend(table.remove(&name(1)));
        }
        assert!(table.order.len() <= 40 && leaving.len() == 1000);
    }
}
