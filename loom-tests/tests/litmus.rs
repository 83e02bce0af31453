//! The harness itself: `load ‖ load; compare-exchange` must show both outcomes.
//!
//! Plain loom 0.7 explores one execution of this and never lets the load see the new value; every
//! lock-free loop has this shape, so a suite that misses it verifies nothing. The facade's work-around
//! lives in `resumption-map/src/sync/model.rs`; here is the same protocol, through the map: a lookup
//! beside an insert (whose link is a compare-exchange after a load) must be seen to hit and to miss.
#![cfg(resumption_loom)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loom_tests::{Map, entry, key, model, race, tiny};
use resumption_map::Departures;

#[test]
fn the_harness_explores_both_outcomes() {
    let (hit, miss) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (saw_hit, saw_miss) = (Arc::clone(&hit), Arc::clone(&miss));
    model("litmus", 3, move || {
        let map = Arc::new(Map::new(tiny(4)).expect("a possible shape"));
        let there = Arc::clone(&map);
        let (found, ()) = race(
            || map.get_with(key(1), 0, &mut Departures::counting(), |_| ()).hit(),
            move || {
                there.insert(key(1), entry(1), 0, &mut Departures::counting()).expect("room");
            },
        );
        if found.is_some() { &saw_hit } else { &saw_miss }.store(true, Ordering::Relaxed);
    });
    assert!(hit.load(Ordering::Relaxed), "the lookup never saw the insert");
    assert!(miss.load(Ordering::Relaxed), "the lookup always saw the insert");
}

/// The proof that the work-around is needed: plain loom misses the outcome. When this fails, loom has
/// been mended, and the shadow accesses can go.
#[test]
fn plain_loom_still_misses_one() {
    use loom::sync::atomic::{AtomicUsize, Ordering as Model};
    let seen = Arc::new(AtomicBool::new(false));
    let saw = Arc::clone(&seen);
    loom::model(move || {
        let word = Arc::new(AtomicUsize::new(0));
        let there = Arc::clone(&word);
        let other = loom::thread::spawn(move || {
            let now = there.load(Model::Acquire);
            _ = there.compare_exchange(now, 1, Model::AcqRel, Model::Acquire);
        });
        if word.load(Model::Acquire) == 1 {
            saw.store(true, Ordering::Relaxed);
        }
        other.join().expect("no panic");
    });
    assert!(!seen.load(Ordering::Relaxed), "loom explores this now: drop the work-around");
}
