//! A slot has one owner (I7), who finds its last one's value gone, however takers and givers meet: a
//! slot's number can recur at the head of the free list while a taker is about to exchange it (ABA).
//!
//! The slab stands by itself, since maps with the strict reclaimer use no slot twice.
//!
//! * Edges: E7, E9.
//! * Reclaimer: none.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `allocate_relaxed`, `free_relaxed`, `slab_without_tag`.

use std::sync::Arc;

use loom_tests::{model, race};
use resumption_map::model::{Slot, Slots};

/// A slab with two freed slots.
fn two_free() -> Arc<Slots> {
    let slots = Slots::new();
    let taken = [1, 2].map(|value| slots.take(value).expect("memory"));
    for slot in taken {
        slots.put(slot);
    }
    Arc::new(slots)
}

fn take(slots: &Slots, value: u64) -> Slot {
    slots.take(value).expect("memory")
}

#[test]
fn what_one_owner_left_the_next_one_may_overwrite() {
    model("slab_push_pop", 3, || {
        let slots = two_free();
        let there = Arc::clone(&slots);
        // The giver's slot is the next to be taken.
        let (kept, value) = race(|| take(&slots, 3), move || there.put(take(&there, 4)));
        assert_eq!((slots.put(kept), value), (3, 4));
    });
}

#[test]
fn no_slot_has_two_owners() {
    model("slab_pop_pop_push", 3, || {
        let slots = two_free();
        let there = Arc::clone(&slots);
        let (here, there) = race(
            || take(&slots, 3),
            move || {
                let (first, second) = (take(&there, 4), take(&there, 5));
                there.put(first);
                second
            },
        );
        // Whoever shares a slot finds another's number in it.
        let last = take(&slots, 6);
        assert_eq!([here, there, last].map(|slot| slots.put(slot)), [3, 5, 6]);
    });
}
