//! Counters that threads do not share.
//!
//! Each thread has a block of its own for each cache that it uses, and is the only one that writes
//! it: counting is a load and a store of a line that no other core wants, never a locked
//! instruction. `stats()` sums the blocks. A thread that ends leaves its block, with its counts, to
//! the next thread that comes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use resumption_policy::Refusal;

use crate::context_counts::{ContextCounts, ContextTables, InContext};
use crate::edges::{leave_block, take_block};
use crate::sync::{AtomicBool, AtomicU64, HintU64, LEASES, Mutex, Ordering};

/// What is counted. The first eight share a line, as the common operations count these.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    InternalHit,
    Taken,
    Insertion,
    Replaced,
    Miss,
    InternalMiss,
    Evicted,
    Expiration,
    CallbackHit,
    ExpiredLookup,
    RefusedContext,
    RefusedNotResumable,
    RefusedPolicy,
    RefusedVersion,
    Removed,
    Flushed,
    Invalidated,
    RejectedExpired,
    RejectedFromTheFuture,
    RejectedFull,
    RejectedNotResumable,
    RejectedOff,
    RejectedContext,
    RejectedPolicy,
    RejectedStalled,
    RejectedTooHeavy,
    RejectedTooLarge,
}

const COUNTS: usize = Count::RejectedTooLarge as usize + 1;

impl Count {
    /// Where a lookup that found a session, but refused it, is counted.
    pub(crate) fn of_refused_lookup(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Context | Refusal::ContextUninitialized => Self::RefusedContext,
            Refusal::NotResumable => Self::RefusedNotResumable,
            Refusal::Version => Self::RefusedVersion,
            _ => Self::RefusedPolicy,
        }
    }

    /// Where an insert that the policy refused is counted.
    pub(crate) fn of_refused_insert(refusal: Refusal) -> Self {
        match refusal {
            Refusal::AlreadyExpired => Self::RejectedExpired,
            Refusal::CachingOff => Self::RejectedOff,
            Refusal::Context | Refusal::ContextUninitialized => Self::RejectedContext,
            Refusal::FromTheFuture => Self::RejectedFromTheFuture,
            Refusal::NotResumable => Self::RejectedNotResumable,
            Refusal::TooLarge => Self::RejectedTooLarge,
            _ => Self::RejectedPolicy,
        }
    }
}

/// The counts of one thread, on lines of its own (two, as CPUs fetch them in pairs).
#[repr(align(128))]
struct Block {
    counts: [AtomicU64; COUNTS],
    // Whether a thread has it. Hands the counts from owner to owner (edge E12).
    owned: AtomicBool,
    // What is counted for each context, by the same thread.
    contexts: ContextTables,
}

impl Block {
    fn new() -> Self {
        Self {
            counts: core::array::from_fn(|_| AtomicU64::new(0)),
            owned: AtomicBool::new(true),
            contexts: ContextTables::new(),
        }
    }
}

/// The blocks of one cache.
struct Blocks {
    all: Mutex<Vec<Arc<Block>>>,
    // For threads so near their end that they have no thread-local storage any more.
    shared: Block,
}

/// A thread's hold on a block, given back when the thread ends.
struct Lease {
    // The number of the cache whose block it is.
    cache: u64,
    block: Arc<Block>,
    // Where in the block the contexts are counted that this thread has met.
    contexts: HashMap<u64, Arc<ContextCounts>>,
    // To see whether that cache is still there.
    blocks: Weak<Blocks>,
}

/// Numbers caches: never used twice, as an address is.
static CACHES: HintU64 = HintU64::new(0);

impl Drop for Lease {
    fn drop(&mut self) {
        self.block.owned.store(false, leave_block());
    }
}

/// The blocks that a thread has.
pub(crate) struct Leases {
    /// The one used last; nearly always the right one.
    last: Option<Lease>,
    others: Vec<Lease>,
}

impl Leases {
    /// None yet.
    pub(crate) const NONE: Self = Self { last: None, others: Vec::new() };
}

/// The counters of one cache.
pub(crate) struct Counters {
    cache: u64,
    blocks: Arc<Blocks>,
}

/// The block to count in.
pub(crate) struct Tally<'a> {
    block: &'a Block,
    exclusive: bool,
}

impl Tally<'_> {
    #[inline]
    pub(crate) fn add(&self, count: Count, by: u64) {
        let count = &self.block.counts[count as usize];
        if self.exclusive {
            // Relaxed, and not one step: nobody else writes this block, and readers of statistics
            // expect no order between counters of a running cache.
            count.store(count.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
        } else {
            count.fetch_add(by, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(crate) fn one(&self, count: Count) {
        self.add(count, 1);
    }
}

impl Counters {
    pub(crate) fn new() -> Self {
        let blocks = Blocks { all: Mutex::new(Vec::new()), shared: Block::new() };
        // Relaxed: the numbers need only differ.
        Self { cache: CACHES.fetch_add(1, Ordering::Relaxed), blocks: Arc::new(blocks) }
    }

    /// Counts something. `update` must not call anything of the user's.
    #[inline]
    pub(crate) fn update(&self, update: impl Fn(&Tally<'_>)) {
        let counted = LEASES.try_with(|leases| {
            if let Some(lease) = &leases.borrow().last {
                if lease.cache == self.cache {
                    update(&Tally { block: &lease.block, exclusive: true });
                    return;
                }
            }
            let mut leases = leases.borrow_mut();
            let lease = self.bring_to_hand(&mut leases);
            update(&Tally { block: &lease.block, exclusive: true });
        });
        if counted.is_err() {
            update(&Tally { block: &self.blocks.shared, exclusive: false });
        }
    }

    /// Counts one thing.
    #[inline]
    pub(crate) fn one(&self, count: Count) {
        self.update(|tally| tally.one(count));
    }

    /// Counts something for the context of this number.
    pub(crate) fn add_in_context(&self, context: u64, what: InContext, by: u64) {
        let counted = LEASES.try_with(|leases| {
            let mut leases = leases.borrow_mut();
            let lease = match &mut leases.last {
                Some(lease) if lease.cache == self.cache => lease,
                _ => self.bring_to_hand(&mut leases),
            };
            let tables = &lease.block.contexts;
            let counts = lease.contexts.entry(context).or_insert_with(|| tables.of(context));
            counts.add(what, by);
        });
        if counted.is_err() {
            self.blocks.shared.contexts.of(context).add_shared(what, by);
        }
    }

    /// The sum over all threads.
    pub(crate) fn sum(&self, count: Count) -> u64 {
        self.sum_over_blocks(|block| block.counts[count as usize].load(Ordering::Relaxed))
    }

    /// The sum over all threads of what was counted for the context of this number.
    pub(crate) fn sum_of_context(&self, context: u64, what: InContext) -> u64 {
        self.sum_over_blocks(|block| block.contexts.sum_of(context, what))
    }

    /// The sum over all threads and all contexts.
    pub(crate) fn sum_of_contexts(&self, what: InContext) -> u64 {
        self.sum_over_blocks(|block| block.contexts.sum(what))
    }

    fn sum_over_blocks(&self, sum: impl Fn(&Block) -> u64) -> u64 {
        let all = self.blocks.all.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = all.iter().map(AsRef::as_ref).chain([&self.blocks.shared]);
        blocks.map(sum).fold(0, u64::wrapping_add)
    }

    /// Makes this thread's lease of a block of this cache its last used, taking one out if need be.
    #[cold]
    fn bring_to_hand<'l>(&self, leases: &'l mut Leases) -> &'l mut Lease {
        let known = leases.others.iter().position(|lease| lease.cache == self.cache);
        let lease = if let Some(at) = known {
            leases.others.swap_remove(at)
        } else {
            // Caches that are gone leave their leases behind until somebody looks.
            leases.others.retain(|lease| lease.blocks.strong_count() > 0);
            let blocks = Arc::downgrade(&self.blocks);
            let block = self.blocks.lease();
            Lease { cache: self.cache, block, contexts: HashMap::new(), blocks }
        };
        leases.others.extend(leases.last.take());
        leases.last.insert(lease)
    }
}

impl Blocks {
    fn lease(&self) -> Arc<Block> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.iter().find(|block| {
            block.owned.compare_exchange(false, true, take_block(), Ordering::Relaxed).is_ok()
        });
        if let Some(block) = left {
            return Arc::clone(block);
        }
        let block = Arc::new(Block::new());
        all.push(Arc::clone(&block));
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn threads_that_end_leave_their_counts_and_their_blocks() {
        let counters = Counters::new();
        for _ in 0..20 {
            thread::scope(|scope| {
                let count = || (0..100).for_each(|_| counters.one(Count::Miss));
                // Joined by hand: that waits for the destructors of a thread's locals, too.
                for thread in [scope.spawn(count), scope.spawn(count)] {
                    thread.join().expect("no panic");
                }
            });
        }
        assert_eq!(counters.sum(Count::Miss), 4000);
        let blocks = counters.blocks.all.lock().expect("not poisoned").len();
        assert!(blocks <= 2, "{blocks} blocks for 2 threads at a time");
    }

    #[test]
    fn caches_do_not_count_for_each_other() {
        let many: Vec<_> = (0..10).map(|_| Counters::new()).collect();
        for round in 0..3 {
            for (number, counters) in many.iter().enumerate() {
                counters.update(|tally| tally.add(Count::Evicted, number as u64));
                assert_eq!(counters.sum(Count::Evicted), number as u64 * (round + 1));
            }
        }
        assert_eq!(many[3].sum(Count::Miss), 0);
    }

    #[test]
    fn leases_of_caches_that_are_gone_are_given_up() {
        for _ in 0..100 {
            Counters::new().one(Count::Miss);
        }
        let kept = Counters::new();
        kept.one(Count::Miss);
        LEASES.with(|leases| assert!(leases.borrow().others.len() <= 2));
        assert_eq!(kept.sum(Count::Miss), 1);
    }
}
