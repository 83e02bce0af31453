//! Threads that do what a seed says to one small map, and the history that comes of it.

use std::sync::Arc;

use resumption_map::reclaim::Reclaim;

use crate::history::{Clock, History, Impossible, Recorder};
use crate::map::{Drops, Operation, SCOPES, SIZE, Shape, Spot};
use crate::random::Random;
use crate::threads::spawn;

/// What the seed decides, and what it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Decides the shape of the map, the number of threads, and all they do.
    pub seed: u64,
    /// How many operations each thread does.
    pub operations: usize,
    /// The most threads; the least are [`Scenario::FEWEST_THREADS`].
    pub threads: usize,
    /// Whether the capacity changes.
    pub capacity: CapacityIs,
}

/// Whether a scenario's capacity changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapacityIs {
    /// It stays: then it is never exceeded.
    Fixed,
    /// It grows and shrinks.
    Moving,
}

/// What a scenario came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Operations done.
    pub operations: u64,
    /// Events that an order was found for.
    pub events: u64,
}

impl Scenario {
    /// Fewer are loom's.
    pub const FEWEST_THREADS: usize = 4;

    /// The fewest ids, so that threads meet.
    const FEWEST_IDS: u64 = 2;

    /// Runs it on a map with reclaimer `R`.
    ///
    /// # Errors
    /// [`Impossible`] when no order of what the threads saw explains it.
    /// # Panics
    /// When the map is not whole afterwards, or a value was not dropped exactly once.
    pub fn run<R: Reclaim>(self) -> Result<Seen, Impossible> {
        let mut random = Random::new(self.seed);
        let most = (self.threads - Self::FEWEST_THREADS) as u64;
        let threads = Self::FEWEST_THREADS + small::<usize>(random.number() % (most + 1));
        let ids = small(Self::FEWEST_IDS + random.number() % 3);
        let [capacity, shards, buckets, batch] = random.bytes();
        let shape = Shape {
            // Mostly one shard and few buckets, so that entries are neighbours.
            shards: if shards < 0xc0 { 1 } else { 2 },
            ..Shape::from_bytes([capacity % 5, 0, buckets % 3, batch])
        };
        let (map, clock) = (Arc::new(shape.map::<R>()), Arc::new(Clock::default()));
        let drops = Arc::new(Drops::default());
        let recording: Vec<_> = (0..threads)
            .map(|thread| {
                let operations = self.operations_of(ids, &mut random);
                let (map, clock, drops) = (map.clone(), clock.clone(), drops.clone());
                spawn(move || {
                    let mut recorder = Recorder::new(&*map, &clock, &drops, thread);
                    for operation in operations {
                        recorder.apply(operation);
                    }
                    recorder.into_history()
                })
            })
            .collect();
        let mut history = History::new(shape.capacity, shape.shards);
        for thread in recording {
            match thread.join() {
                Ok(part) => history.merge(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        history.finish(&map, &clock, &keys(ids));
        history.check()?;
        if let Err(fault) = map.validate() {
            panic!("the structure is broken: {fault}");
        }
        assert_eq!(map.maintain(), 0, "garbage at rest");
        assert_eq!(drops.alive(), map.len(), "values alive at rest");
        drop(Arc::into_inner(map).unwrap_or_else(|| unreachable!("all threads are done")));
        assert_eq!(drops.alive(), 0, "values that outlived their map");
        Ok(Seen { operations: history.operations, events: history.events().len() as u64 })
    }

    fn operations_of(&self, ids: u8, random: &mut Random) -> Vec<Operation> {
        (0..self.operations)
            .map(|_| match Operation::from_bytes(random.bytes::<SIZE>(), ids) {
                Operation::Resize { .. } if self.capacity == CapacityIs::Fixed => {
                    Operation::Maintain
                }
                operation => operation,
            })
            .collect()
    }
}

fn keys(ids: u8) -> Vec<Spot> {
    (0..SCOPES).flat_map(|scope| (0..ids).map(move |id| Spot { scope, id })).collect()
}

fn small<T: TryFrom<u64>>(number: u64) -> T {
    T::try_from(number).unwrap_or_else(|_| unreachable!("small by construction"))
}
