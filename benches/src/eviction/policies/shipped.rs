//! The map itself as a policy, to hold the model of it against.

use std::num::NonZeroUsize;

use resumption_map::{Departures, Found, Key, Map, MapConfig, NewEntry};

use super::clock::{Clock, ORDINARY_CREDIT};
use super::{Lineage, Policy, Size};
use crate::eviction::population::{Burst, Population, Usage};
use crate::eviction::simulate::simulate;
use crate::eviction::wallets::Id;

struct Shipped(Map<()>);

fn key(id: Id) -> Key {
    Key::new(0, &id.to_be_bytes()).expect("four bytes are an id")
}

impl Policy for Shipped {
    fn put(&mut self, id: Id, _lineage: Lineage) {
        let entry = NewEntry {
            value: (),
            expires: u64::MAX,
            weight: 0,
            credit: ORDINARY_CREDIT,
            bytes: &[],
        };
        self.0.insert(key(id), entry, 0, &mut Departures::counting()).expect("it makes room");
    }

    fn get(&mut self, id: Id) -> bool {
        self.0.get_with(key(id), 0, &mut Departures::counting(), |_| ()) == Found::Hit(())
    }

    fn remove(&mut self, id: Id) -> bool {
        self.0.remove(key(id), &mut Departures::counting())
    }

    fn take(&mut self, id: Id) -> bool {
        self.0.take_with(key(id), 0, &mut Departures::counting(), |_| ()) == Found::Hit(())
    }
}

/// The model resumes what the map resumes, on average over a few hash seeds.
#[test]
fn the_model_of_clock_is_the_map() {
    let reusable =
        Population { usage: Usage::Reusable, burst: Burst::NONE, ..Population::ORDINARY };
    for population in [Population::ORDINARY, reusable] {
        for capacity in [100, 1_000] {
            let trace = population.trace(6_000, 13);
            let size = Size { capacity, sessions: trace.most_sessions() };
            let (mut model, mut map) = (0.0, 0.0);
            for seed in 1..=3 {
                let entries = NonZeroUsize::new(capacity).expect("not 0");
                let config = MapConfig::bounded(entries).seed(seed).at_most_shards(16);
                let shipped = Map::new(config).expect("an ordinary shape");
                map += simulate(&trace, &mut Shipped(shipped)).of_attempts() / 3.0;
                model += simulate(&trace, &mut Clock::new(size, seed)).of_attempts() / 3.0;
            }
            // In points; chance alone makes a few tenths of one.
            let difference = 100.0 * (model - map);
            assert!(difference.abs() < 1.0, "{:?} of {capacity}: {difference}", population.usage);
        }
    }
}
