//! A single-use session is handed out exactly once (I4, edge E4).

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, thread, tiny};
use resumption_map::Departures;

fn take(map: &Map<u64>) -> bool {
    let taken = map.take(key(1), 0, &mut Departures::counting()).hit();
    taken.inspect(|value| assert_eq!(**value, 7)).is_some()
}

fn map_with_one() -> Arc<Map<u64>> {
    let map = Arc::new(Map::new(tiny(4)).expect("a possible shape"));
    map.insert(key(1), entry(7), 0, &mut Departures::counting()).expect("room");
    map
}

#[test]
fn one_of_two_takers_wins() {
    model("take_take", 3, || {
        let map = map_with_one();
        let there = Arc::clone(&map);
        let (here, there) = race(|| take(&map), move || take(&there));
        assert!(
            here ^ there,
            "a single-use session was handed out {}",
            if here { "twice" } else { "never" }
        );
        assert_eq!(map.len(), 0);
    });
}

#[test]
fn one_of_three_takers_wins() {
    model("take_take_take", 2, || {
        let map = map_with_one();
        let others: Vec<_> = (0..2)
            .map(|_| {
                let map = Arc::clone(&map);
                thread::spawn(move || take(&map))
            })
            .collect();
        let here = usize::from(take(&map));
        let there: usize =
            others.into_iter().map(|other| usize::from(other.join().expect("no panic"))).sum();
        assert_eq!(here + there, 1);
        assert_eq!(map.len(), 0);
    });
}
