//! Asking the store before a handshake needs the answer.

use std::sync::Arc;

use resumption_callbacks::{StoreError, StoreFuture, StoreKey};
use resumption_session::{SessionId, SessionIdContext};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::breaker::Permit;
use crate::kept::Kept;
use crate::name::Name;
use crate::shared::{Inner, SharedSessions};
use crate::state::{Answer, Kind, Question, Step};

/// How many of the sessions that a client offers are looked at.
const LOOKED_AT: usize = 8;

/// A session that a client offers, and what the TLS stack will do with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// It will be read and stays: a TLS 1.2 session id.
    Get(SessionId),
    /// It will be handed out once: a stateful TLS 1.3 ticket.
    Take(SessionId),
}

impl Wanted {
    const fn parts(&self) -> (&SessionId, Kind) {
        match self {
            Self::Get(id) => (id, Kind::Get),
            Self::Take(id) => (id, Kind::Take),
        }
    }
}

/// What a handshake will find.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Prefetched {
    /// None of the sessions is ready.
    Nothing,
    /// This one lies ready for the get callback, for a few seconds. It came from the store: do not accept
    /// early data with it, see the [crate's documentation](crate#early-data).
    Ready(SessionId),
}

impl SharedSessions {
    /// Makes one of the `wanted` sessions ready, in the order in which the client offers them; the
    /// handshake that follows finds it through the get callback.
    ///
    /// Looks at the first eight, and asks the store for as many of those as a handshake may ask for.
    /// Whatever happens, it is over by the deadline, and never an error: without a session ready, the
    /// handshake is full. Dropping the future leaves the question open, whose answer then lies ready for
    /// nobody and is wiped.
    ///
    /// What the cache itself has need not be prefetched if it is reusable. A single-use session is always
    /// to be asked for: only the store knows whether another server has taken it.
    ///
    /// # Panics
    /// Outside of a tokio runtime with timers.
    /// # Security
    /// A session that is to be taken leaves the store here, before the client has proven that it knows
    /// its secret (the binder of RFC 8446, section 4.2.11.2, comes later): whoever sees a ticket on the
    /// wire can use it up, though not resume with it. TLS stacks' own caches have the same property.
    pub async fn prefetch(&self, context: &SessionIdContext, wanted: &[Wanted]) -> Prefetched {
        let deadline = Instant::now() + self.inner.options.deadline;
        let mut budget = self.inner.options.lookups_per_handshake;
        for wanted in wanted.iter().take(LOOKED_AT) {
            let (id, kind) = wanted.parts();
            if self.make_ready(Name::new(context, id), kind, deadline, &mut budget).await {
                return Prefetched::Ready(*id);
            }
        }
        Prefetched::Nothing
    }

    async fn make_ready(
        &self,
        name: Name,
        kind: Kind,
        deadline: Instant,
        budget: &mut u32,
    ) -> bool {
        let inner = &self.inner;
        let until = inner.latest_end();
        let mut batches = inner.batches.subscribe();
        loop {
            batches.mark_unchanged();
            let step = inner.with(|state, leaving| state.want(name, kind, budget, until, leaving));
            let answered = match step {
                Step::Nothing => return false,
                Step::Ready => {
                    inner.deposits.notify_one();
                    return true;
                }
                Step::Writing => {
                    if timeout_at(deadline, batches.changed()).await.is_err() {
                        inner.with(|state, _| state.give_up_on_write());
                        return false;
                    }
                    continue;
                }
                Step::Join(answered) => answered,
                Step::Ask(question) => {
                    let answered = question.answered.clone();
                    let asker = Asker::new(Arc::clone(inner), name, kind, question);
                    // A task of its own: the answer is for whoever joins, even if this handshake ends.
                    inner.runtime.spawn(asker.ask(deadline));
                    answered
                }
            };
            return wait(answered, deadline).await
                && inner.with(|state, _| state.lies_ready(&name, kind));
        }
    }
}

async fn wait(mut answered: watch::Receiver<bool>, deadline: Instant) -> bool {
    timeout_at(deadline, answered.wait_for(|answered| *answered)).await.is_ok()
}

/// Asks one question. However that ends, by a panic too, the state is told, and then who waits.
struct Asker {
    inner: Arc<Inner>,
    name: Name,
    kind: Kind,
    permit: Permit,
    since: Instant,
    answer: Option<Answer>,
    tell: watch::Sender<bool>,
}

impl Asker {
    fn new(inner: Arc<Inner>, name: Name, kind: Kind, question: Question) -> Self {
        let Question { permit, tell, .. } = question;
        Self { inner, name, kind, permit, since: Instant::now(), answer: None, tell }
    }

    async fn ask(mut self, deadline: Instant) {
        let Name { context, id } = self.name;
        let names = self.inner.sealer.names(&context, &id);
        let asked = timeout_at(deadline, self.ask_for(&names, deadline)).await;
        let answer = match asked {
            Err(_) => Answer::Failed(StoreError::TimedOut("the deadline passed")),
            Ok(Err(error)) => Answer::Failed(error),
            Ok(Ok(None)) => Answer::Absent,
            Ok(Ok(Some((key, sealed)))) => {
                let now = self.inner.now();
                match self.inner.sealer.open(&key, &context, &id, sealed, now) {
                    Ok(session) => Answer::Found(Arc::new(Kept::new(session))),
                    Err(cause) => Answer::Rejected(cause),
                }
            }
        };
        self.answer = Some(answer);
    }

    /// What the store has under one of the names: it is put under one only.
    async fn ask_for(
        &self,
        names: &[StoreKey],
        deadline: Instant,
    ) -> Result<Option<(StoreKey, Vec<u8>)>, StoreError> {
        match names {
            [] => Ok(None),
            [name] => Ok(self.ask_once(name, deadline).await?.map(|value| (*name, value))),
            [name, former, ..] => {
                let (newer, older) =
                    tokio::join!(self.ask_once(name, deadline), self.ask_once(former, deadline));
                match (newer, older) {
                    (Ok(Some(value)), _) => Ok(Some((*name, value))),
                    (_, Ok(Some(value))) => Ok(Some((*former, value))),
                    (Err(error), _) | (_, Err(error)) => Err(error),
                    (Ok(None), Ok(None)) => Ok(None),
                }
            }
        }
    }

    fn ask_once<'a>(
        &'a self,
        name: &'a StoreKey,
        deadline: Instant,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        let within = deadline.saturating_duration_since(Instant::now());
        match self.kind {
            Kind::Get => self.inner.store.get(name, within),
            Kind::Take => self.inner.store.take(name, within),
        }
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let unanswered = Answer::Failed(StoreError::Unavailable("the question was dropped"));
        let answer = self.answer.take().unwrap_or(unanswered);
        let took = self.since.elapsed();
        let Self { name, kind, permit, .. } = *self;
        self.inner.with(|state, leaving| {
            state.answered(name, kind, permit, answer, took, leaving);
        });
        self.inner.deposits.notify_one();
        self.tell.send_replace(true);
    }
}
