//! What is to be written to the store.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use resumption_callbacks::StoreError;
use resumption_session::Timestamp;

use crate::kept::Kept;
use crate::name::Name;
use crate::stats::{Puts, Removals};

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) puts: usize,
    pub(crate) put_bytes: usize,
    pub(crate) removals: usize,
}

/// Sessions and removals that wait, at most one of them for each name: the last that was asked for. So
/// none is written before an older one of its name, and what is outdated is not written at all.
///
/// One batch at a time is being written; what comes meanwhile waits for its end.
pub(crate) struct Queue {
    waiting: HashMap<Name, Waiting>,
    // In the order of arrival. What has left meanwhile is skipped by its turn.
    puts: VecDeque<(Name, u64)>,
    removals: VecDeque<(Name, u64)>,
    writing: HashMap<Name, Write>,
    turn: u64,
    put_bytes: usize,
    bounds: Bounds,
    pub(crate) put_counts: Puts,
    pub(crate) removal_counts: Removals,
}

/// A write: of a session, or of its removal.
#[derive(Clone)]
pub(crate) enum Write {
    Put(Arc<Kept>),
    /// Until then; after that the session has ended by itself.
    Remove(Timestamp),
}

struct Waiting {
    write: Write,
    turn: u64,
    /// If it is a session: the removal in whose place it stands, which must not get lost with it.
    instead_of: Option<Timestamp>,
}

/// Where a write is.
pub(crate) enum Found<'q> {
    Waiting(&'q Write),
    Writing(&'q Write),
}

impl Queue {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            waiting: HashMap::new(),
            puts: VecDeque::new(),
            removals: VecDeque::new(),
            writing: HashMap::new(),
            turn: 0,
            put_bytes: 0,
            bounds,
            put_counts: Puts::default(),
            removal_counts: Removals::default(),
        }
    }

    /// Where the last write of this name is, if it is not over.
    pub(crate) fn find(&self, name: &Name) -> Option<Found<'_>> {
        let waiting = self.waiting.get(name).map(|waiting| Found::Waiting(&waiting.write));
        waiting.or_else(|| self.writing.get(name).map(Found::Writing))
    }

    /// A session is to be written; what is outdated or has to make room goes into `leaving`.
    pub(crate) fn put(&mut self, name: Name, session: Arc<Kept>, leaving: &mut Vec<Arc<Kept>>) {
        self.put_counts.offered += 1;
        let instead_of = self.supersede(&name, leaving);
        self.put_bytes += session.weight();
        self.put_counts.queued += 1;
        self.wait(name, Write::Put(session), instead_of);
        while self.is_over_bounds() {
            let Some((oldest, turn)) = self.puts.pop_front() else { break };
            if self.is_current(&oldest, turn) {
                self.drop_put(&oldest, leaving);
            }
        }
        forget_what_left(&mut self.puts, &self.waiting);
    }

    /// A session is to be removed, unless `until` has passed.
    pub(crate) fn remove(&mut self, name: Name, until: Timestamp, leaving: &mut Vec<Arc<Kept>>) {
        self.removal_counts.offered += 1;
        let until = self.supersede(&name, leaving).map_or(until, |former| until.max(former));
        self.wait_for_removal(name, until);
    }

    /// An invalidated session is to be removed: as [`Queue::remove`], unless many removals wait already.
    ///
    /// A context that is invalidated takes all its sessions along. Removals that were asked for one by one
    /// must not get lost among those, which nobody resumes who was told of the invalidation.
    pub(crate) fn remove_invalidated(
        &mut self,
        name: Name,
        until: Timestamp,
        leaving: &mut Vec<Arc<Kept>>,
    ) {
        let queued = usize::try_from(self.removal_counts.queued).unwrap_or(usize::MAX);
        if queued < self.bounds.removals / 2 {
            self.remove(name, until, leaving);
            return;
        }
        self.removal_counts.offered += 1;
        self.removal_counts.left_to_end += 1;
        if let Some(until) = self.supersede(&name, leaving) {
            self.removal_counts.offered += 1;
            self.wait_for_removal(name, until);
        }
    }

    /// Takes a session back that waits to be written. It is removed from the store instead: an older one
    /// of its name may be there.
    pub(crate) fn take_back(&mut self, name: &Name, until: Timestamp) -> Option<Arc<Kept>> {
        match self.waiting.get(name)?.write {
            Write::Put(_) => {}
            Write::Remove(_) => return None,
        }
        let Some(Waiting { write: Write::Put(session), instead_of, .. }) =
            self.waiting.remove(name)
        else {
            return None;
        };
        let until = instead_of.map_or(until, |former| until.max(former));
        self.put_bytes -= session.weight();
        self.put_counts.queued -= 1;
        self.put_counts.taken_back += 1;
        self.removal_counts.offered += 1;
        self.wait_for_removal(*name, until);
        Some(session)
    }

    /// The next writes, at most `most` removals and `most` sessions, which are being written from now on.
    pub(crate) fn next(&mut self, most: usize, now: Timestamp) -> Vec<(Name, Write)> {
        let mut batch = Vec::new();
        while batch.len() < most {
            let Some((name, turn)) = self.removals.pop_front() else { break };
            let Some(Write::Remove(until)) = self.leave(&name, turn) else { continue };
            self.removal_counts.queued -= 1;
            if now > until {
                self.removal_counts.moot += 1;
                continue;
            }
            self.removal_counts.writing += 1;
            batch.push((name, Write::Remove(until)));
        }
        let removals = batch.len();
        while batch.len() - removals < most {
            let Some((name, turn)) = self.puts.pop_front() else { break };
            let Some(Write::Put(session)) = self.leave(&name, turn) else { continue };
            self.put_bytes -= session.weight();
            self.put_counts.queued -= 1;
            self.put_counts.writing += 1;
            batch.push((name, Write::Put(session)));
        }
        self.writing.extend(batch.iter().cloned());
        batch
    }

    /// A write of the batch is over: done, failed, or (of a session) impossible.
    pub(crate) fn finish(&mut self, name: &Name, outcome: Outcome, leaving: &mut Vec<Arc<Kept>>) {
        match (self.writing.remove(name), outcome) {
            (None, _) => {}
            (Some(Write::Put(session)), outcome) => {
                leaving.push(session);
                self.put_counts.writing -= 1;
                match outcome {
                    Outcome::Done => self.put_counts.stored += 1,
                    Outcome::Failed(error) => self.put_counts.failures.count(error),
                    Outcome::Impossible => self.put_counts.unsealable += 1,
                }
            }
            (Some(Write::Remove(_)), Outcome::Done | Outcome::Impossible) => {
                self.removal_counts.writing -= 1;
                self.removal_counts.done += 1;
            }
            (Some(Write::Remove(until)), Outcome::Failed(error)) => {
                self.removal_counts.writing -= 1;
                self.removal_counts.failures.count(error);
                self.remove_again(name, until);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.writing.is_empty()
    }

    pub(crate) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// A removal that failed waits again, unless something newer of its name does.
    fn remove_again(&mut self, name: &Name, until: Timestamp) {
        match self.waiting.get_mut(name) {
            None => self.wait_for_removal(*name, until),
            Some(newer) => {
                self.removal_counts.superseded += 1;
                if matches!(newer.write, Write::Put(_)) {
                    newer.instead_of = newer.instead_of.max(Some(until));
                }
            }
        }
    }

    /// What waits under this name gives way to something newer; the removal that must not get lost, if
    /// there is one.
    fn supersede(&mut self, name: &Name, leaving: &mut Vec<Arc<Kept>>) -> Option<Timestamp> {
        let waiting = self.waiting.remove(name)?;
        match waiting.write {
            Write::Put(session) => {
                self.put_bytes -= session.weight();
                self.put_counts.queued -= 1;
                self.put_counts.superseded += 1;
                leaving.push(session);
                waiting.instead_of
            }
            Write::Remove(until) => {
                self.removal_counts.queued -= 1;
                self.removal_counts.superseded += 1;
                Some(until)
            }
        }
    }

    /// Drops a session that waits; the removal in whose place it stood waits again.
    fn drop_put(&mut self, name: &Name, leaving: &mut Vec<Arc<Kept>>) {
        let Some(Waiting { write: Write::Put(session), instead_of, .. }) =
            self.waiting.remove(name)
        else {
            return;
        };
        self.put_bytes -= session.weight();
        self.put_counts.queued -= 1;
        self.put_counts.dropped += 1;
        leaving.push(session);
        if let Some(until) = instead_of {
            self.removal_counts.offered += 1;
            self.wait_for_removal(*name, until);
        }
    }

    fn wait_for_removal(&mut self, name: Name, until: Timestamp) {
        self.removal_counts.queued += 1;
        self.wait(name, Write::Remove(until), None);
        while self.removal_counts.queued > u64::try_from(self.bounds.removals).unwrap_or(u64::MAX) {
            let Some((oldest, turn)) = self.removals.pop_front() else { break };
            if self.leave(&oldest, turn).is_some() {
                self.removal_counts.queued -= 1;
                self.removal_counts.dropped += 1;
            }
        }
        forget_what_left(&mut self.removals, &self.waiting);
    }

    fn wait(&mut self, name: Name, write: Write, instead_of: Option<Timestamp>) {
        self.turn += 1;
        let order = match write {
            Write::Put(_) => &mut self.puts,
            Write::Remove(_) => &mut self.removals,
        };
        order.push_back((name, self.turn));
        self.waiting.insert(name, Waiting { write, turn: self.turn, instead_of });
    }

    fn leave(&mut self, name: &Name, turn: u64) -> Option<Write> {
        let current = self.is_current(name, turn);
        if current { self.waiting.remove(name).map(|waiting| waiting.write) } else { None }
    }

    fn is_current(&self, name: &Name, turn: u64) -> bool {
        self.waiting.get(name).is_some_and(|waiting| waiting.turn == turn)
    }

    fn is_over_bounds(&self) -> bool {
        let puts = usize::try_from(self.put_counts.queued).unwrap_or(usize::MAX);
        puts > self.bounds.puts || self.put_bytes > self.bounds.put_bytes
    }
}

/// How a write ended.
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    Done,
    Failed(StoreError),
    /// There is nothing to write.
    Impossible,
}

/// Keeps an order from growing by what has left.
fn forget_what_left(order: &mut VecDeque<(Name, u64)>, waiting: &HashMap<Name, Waiting>) {
    if order.len() > 2 * waiting.len() + 32 {
        order.retain(|(name, turn)| waiting.get(name).is_some_and(|waiting| waiting.turn == *turn));
    }
}
