//! What becomes of departed entries: retired, handed to reclamation in batches, ready, and reclaimed.

use crate::edges;
use crate::list::Unlinked;
use crate::node::Node;
use crate::shard::Shard;
use crate::slot::SlotId;
use crate::sync::Ordering;

/// Retired nodes, taken off their stack together: the first one's link.
#[derive(Clone, Copy)]
pub(crate) struct Batch {
    first: u32,
}

/// Where departed entries wait. For `validate`.
pub(crate) struct Stacks {
    /// The first retired node's link.
    pub(crate) retired: u32,
    /// The first ready node's link.
    pub(crate) ready: u32,
    /// How many are in deferred actions or ready.
    pub(crate) deferred: usize,
}

impl<T> Shard<T> {
    /// Departed entries whose memory is not yet free.
    pub(crate) fn garbage(&self) -> usize {
        let (retired, _) = split(self.writers.0.retired.load(Ordering::Relaxed));
        retired as usize + self.writers.0.deferred.load(Ordering::Relaxed)
    }

    /// Puts an unlinked node on the retire stack; returns how many lie there.
    ///
    /// A stack of the shard instead of a bag of the thread: a thread that goes idle would keep its bag,
    /// and the secrets in it, for ever.
    #[allow(clippy::needless_pass_by_value, reason = "the duty to retire ends here")]
    pub(crate) fn retire(&self, unlinked: Unlinked<T>) -> u32 {
        // SAFETY: the node was unlinked by the caller, under a guard, and is retired only once, so it
        // is not reclaimed; slots are never deallocated before the shard.
        let chain = &unsafe { &*unlinked.0 }.chain;
        // In use, `chain` holds the slot's own number.
        let this = chain.load(Ordering::Relaxed);
        self.writers.0.unlinked.note(unlinked.0.cast());
        let retired = &self.writers.0.retired;
        let mut word = retired.load(Ordering::Relaxed);
        loop {
            let (count, first) = split(word);
            chain.store(first, Ordering::Relaxed);
            match retired.compare_exchange(
                word,
                join(count + 1, this),
                edges::retire(),
                Ordering::Relaxed,
            ) {
                Ok(_) => return count + 1,
                Err(now) => word = now,
            }
        }
    }

    /// Takes all retired nodes, for one deferred action. The caller's guard was pinned before, and the
    /// nodes were unlinked before they were pushed (edge E5), so a grace period that begins now is enough.
    pub(crate) fn take_retired(&self) -> Option<Batch> {
        if split(self.writers.0.retired.load(Ordering::Relaxed)).0 == 0 {
            return None;
        }
        let (count, first) = split(self.writers.0.retired.swap(0, edges::drain()));
        let newest = SlotId::from_link(first)?;
        // A grace period that begins here must begin after the unlinking.
        self.writers.0.unlinked.learn(self.slab.0.node(newest).as_ptr().cast());
        self.writers.0.deferred.fetch_add(count as usize, Ordering::Relaxed);
        Some(Batch { first })
    }

    /// Hands a batch, whose grace period is over, to the next writer. Runs on any thread, a reader's pin
    /// included, and is short: mostly the former batch is gone, and nothing is looked at.
    pub(crate) fn make_ready(&self, batch: Batch) {
        let ready = &self.writers.0.ready;
        let mut last: Option<&Node<T>> = None;
        let mut first = ready.load(Ordering::Relaxed);
        loop {
            if first != 0 && last.is_none() {
                last = self.last_of(batch);
            }
            if let Some(last) = last {
                last.chain.store(first, Ordering::Relaxed);
            }
            match ready.compare_exchange(first, batch.first, edges::ready(), Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    /// The last node of a batch, which is as long as the batches that are handed on.
    fn last_of(&self, batch: Batch) -> Option<&Node<T>> {
        let mut last = None;
        let mut link = batch.first;
        while let Some(slot) = SlotId::from_link(link) {
            let node = self.node(slot);
            link = node.chain.load(Ordering::Relaxed);
            last = Some(node);
        }
        last
    }

    /// Drops the values of nodes whose grace period is over and frees their slots: about `most` of them.
    /// Runs without a guard: values may take their time, and handles may outlive this.
    #[inline]
    pub(crate) fn reclaim(&self, most: usize) {
        if self.writers.0.ready.load(Ordering::Relaxed) != 0 {
            self.reclaim_ready(most);
        }
    }

    fn reclaim_ready(&self, most: usize) {
        let ready = &self.writers.0.ready;
        let mut next = ready.swap(0, edges::drain());
        let mut done: usize = 0;
        // Slots whose values are dropped, to be given back together: the first one's link, and the last.
        let (mut first_freed, mut last_freed) = (0, None);
        loop {
            let slice_end = done.saturating_add(most);
            while let (Some(slot), true) = (SlotId::from_link(next), done < slice_end) {
                let this = self.slab.0.node(slot);
                let node = self.node(slot);
                next = node.chain.load(Ordering::Relaxed);
                node.chain.store(slot.to_link(), Ordering::Relaxed);
                // SAFETY: the grace period is over, and each retired node is in one batch, once: the map's
                // reference ends here.
                if unsafe { Node::unref(this) } {
                    node.chain.store(first_freed, Ordering::Relaxed);
                    first_freed = slot.to_link();
                    last_freed.get_or_insert(node);
                }
                done += 1;
            }
            // The rest goes back, unless more has come meanwhile: then a little more is done.
            if next == 0
                || ready.compare_exchange(0, next, edges::ready(), Ordering::Relaxed).is_ok()
            {
                break;
            }
        }
        if let (Some(last), true) = (last_freed, self.recycle) {
            self.slab.0.release(first_freed, last);
        }
        self.writers.0.deferred.fetch_sub(done, Ordering::Relaxed);
    }

    /// Where departed entries wait. For `validate`.
    pub(crate) fn stacks(&self) -> Stacks {
        let writers = &self.writers.0;
        Stacks {
            retired: split(writers.retired.load(Ordering::Relaxed)).1,
            ready: writers.ready.load(Ordering::Relaxed),
            deferred: writers.deferred.load(Ordering::Relaxed),
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "halves are what is meant")]
fn split(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

fn join(count: u32, link: u32) -> u64 {
    (u64::from(count) << 32) | u64::from(link)
}
