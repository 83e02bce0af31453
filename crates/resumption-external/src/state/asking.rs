//! Questions to the store: which are asked, for whom, and what becomes of the answers.

use std::sync::Arc;
use std::time::Duration;

use resumption_callbacks::StoreError;
use resumption_sealing::OpenError;
use resumption_session::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Kind, Leaving, OnItsWay, Spent, State};
use crate::breaker::Permit;
use crate::kept::Kept;
use crate::name::Name;
use crate::options::StoreUse;

/// A question that is open.
pub(super) struct Flight {
    // Whether the session was removed or replaced since: then no answer is worth anything.
    pub(super) outdated: bool,
    answered: watch::Receiver<bool>,
}

/// What is to be done for a handshake that wants a session.
pub(crate) enum Step {
    /// Ask the store.
    Ask(Question),
    /// Wait for the answer to somebody else's question.
    Join(watch::Receiver<bool>),
    /// Nothing: there is none, or it may not be asked for.
    Nothing,
    /// Nothing: it lies ready.
    Ready,
    /// Wait for the end of a write, and look again.
    Writing,
}

/// A question that is to be asked.
pub(crate) struct Question {
    pub(crate) permit: Permit,
    pub(crate) tell: watch::Sender<bool>,
    pub(crate) answered: watch::Receiver<bool>,
}

/// The answer.
pub(crate) enum Answer {
    Absent,
    Failed(StoreError),
    Found(Arc<Kept>),
    Rejected(OpenError),
}

impl State {
    /// A handshake wants a session. `budget` is how many questions it may still ask; `until`, when the
    /// session has ended by itself at the latest.
    pub(crate) fn want(
        &mut self,
        name: Name,
        kind: Kind,
        budget: &mut u32,
        until: Timestamp,
        leaving: &mut Leaving,
    ) -> Step {
        let now = Instant::now();
        self.expire(now, leaving);
        let step = self.step(name, kind, *budget, now, until, leaving);
        if !matches!(step, Step::Writing) {
            self.lookups.wanted += 1;
        }
        if matches!(step, Step::Ask(_)) {
            *budget -= 1;
        }
        step
    }

    fn step(
        &mut self,
        name: Name,
        kind: Kind,
        budget: u32,
        now: Instant,
        until: Timestamp,
        leaving: &mut Leaving,
    ) -> Step {
        if self.lies_ready(&name, kind) {
            self.lookups.ready += 1;
            return Step::Ready;
        }
        if self.spent.get(&name).is_some() || self.absent.get(&name).is_some() {
            self.lookups.known_absent += 1;
            return Step::Nothing;
        }
        match self.on_its_way(&name, kind, until) {
            OnItsWay::No => {}
            OnItsWay::Removed => {
                self.lookups.being_removed += 1;
                return Step::Nothing;
            }
            OnItsWay::Session(session) => {
                self.lookups.from_queue += 1;
                self.deposit(name, kind, session, now, leaving);
                return Step::Ready;
            }
            OnItsWay::Writing => return Step::Writing,
        }
        if let Some(flight) = self.flights.get(&name) {
            self.lookups.joined += 1;
            return Step::Join(flight.answered.clone());
        }
        let refused = if self.store_use == StoreUse::Off {
            &mut self.lookups.switched_off
        } else if budget == 0 {
            &mut self.lookups.over_budget
        } else if self.flights.len() >= self.concurrent_lookups {
            &mut self.lookups.over_concurrency
        } else if let Ok(permit) = self.lookup_breaker.permit(now) {
            let (tell, answered) = watch::channel(false);
            let flight = Flight { outdated: false, answered: answered.clone() };
            self.flights.insert(name, flight);
            self.lookups.asked += 1;
            self.answers.asking += 1;
            return Step::Ask(Question { permit, tell, answered });
        } else {
            &mut self.lookups.breaker_open
        };
        *refused += 1;
        Step::Nothing
    }

    /// A handshake has waited for the end of a write, in vain.
    pub(crate) fn give_up_on_write(&mut self) {
        self.lookups.wanted += 1;
        self.lookups.write_too_slow += 1;
    }

    /// The answer to a question.
    pub(crate) fn answered(
        &mut self,
        name: Name,
        kind: Kind,
        permit: Permit,
        answer: Answer,
        took: Duration,
        leaving: &mut Leaving,
    ) {
        let now = Instant::now();
        self.expire(now, leaving);
        self.lookup_breaker.record(permit, !matches!(answer, Answer::Failed(_)), now);
        self.answers.asking -= 1;
        self.answers.took += took;
        let outdated = self.flights.remove(&name).is_none_or(|flight| flight.outdated);
        match answer {
            Answer::Found(session) if outdated => {
                self.answers.outdated += 1;
                leaving.push(session);
            }
            Answer::Found(session) => {
                self.answers.found += 1;
                self.deposit(name, kind, session, now, leaving);
            }
            Answer::Absent => {
                self.answers.absent += 1;
                self.absent.insert(name, (), 0, now, &mut Vec::new());
            }
            Answer::Rejected(cause) => {
                self.answers.rejected.count(cause);
                self.absent.insert(name, (), 0, now, &mut Vec::new());
            }
            Answer::Failed(error) => {
                self.answers.failures.count(error);
                if kind == Kind::Take {
                    self.spent.insert(name, Spent::Unknown, 0, now, &mut Vec::new());
                }
            }
        }
    }
}
