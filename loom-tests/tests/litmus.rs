//! The harness itself: `load ‖ load; compare-exchange` must show both outcomes.
//!
//! Plain loom 0.7 explores one execution of this and never lets the load see the new value; every
//! lock-free loop has this shape, so a suite that misses it verifies nothing. The work-around lives in
//! `resumption-map/src/sync/model.rs`; here are the same accesses through it, and the same protocol
//! through the map: a lookup beside an insert, whose link is an exchange after a load.
//!
//! * Edges: none: this is about the harness.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `unannounced`.

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

/// The accesses by themselves: this is what fails when the work-around is lost. (The map's lookup sees
/// both outcomes by luck even then: there are other accesses around it.)
#[test]
fn the_facade_explores_both_outcomes() {
    use resumption_map::model::AtomicU64;
    let (new, old) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (saw_new, saw_old) = (Arc::clone(&new), Arc::clone(&old));
    model("litmus_facade", 3, move || {
        let word = Arc::new(AtomicU64::new(0));
        let there = Arc::clone(&word);
        let (seen, ()) = race(
            || word.load(Ordering::Acquire),
            move || {
                let now = there.load(Ordering::Acquire);
                _ = there.compare_exchange(now, 1, Ordering::AcqRel, Ordering::Acquire);
            },
        );
        if seen == 1 { &saw_new } else { &saw_old }.store(true, Ordering::Relaxed);
    });
    assert!(new.load(Ordering::Relaxed), "the load never saw the exchange");
    assert!(old.load(Ordering::Relaxed), "the load always saw the exchange");
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
