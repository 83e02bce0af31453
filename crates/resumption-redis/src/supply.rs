//! Something that is had over the network: one attempt at a time, and pauses between failures.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Weak};
use std::time::Duration;

use resumption_callbacks::StoreError;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::failure::NO_CONNECTION;

/// The pause after a first failure; it doubles with each.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Keeps a `T`, and gets another when it is gone. The attempts run in tasks of their own: a caller's
/// deadline ends the waiting, never the attempt.
#[derive(Clone)]
pub(crate) struct Supply<T> {
    state: Arc<watch::Sender<State<T>>>,
}

/// Whether what is of no use any more should not have been supplied.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Blame {
    /// It had its use: another is had at once.
    Nobody,
    /// May be chance the first time; the second time a pause comes first.
    Once(StoreError),
    /// A pause comes first.
    Supplier(StoreError),
}

pub(crate) struct State<T> {
    ready: Option<T>,
    attempting: bool,
    /// Since something last went well.
    failures: u32,
    /// No attempt before this.
    not_before: Option<Instant>,
    /// Why there is none.
    why: StoreError,
}

impl<T: Clone + Send + Sync + 'static> Supply<T> {
    pub(crate) fn new() -> Self {
        let state = State {
            ready: None,
            attempting: false,
            failures: 0,
            not_before: None,
            why: StoreError::Unavailable("nothing was tried yet"),
        };
        Self { state: Arc::new(watch::Sender::new(state)) }
    }

    /// A way back that keeps nothing alive: for what is itself kept in here.
    pub(crate) fn downgrade(&self) -> Weak<watch::Sender<State<T>>> {
        Arc::downgrade(&self.state)
    }

    pub(crate) fn upgrade(weak: &Weak<watch::Sender<State<T>>>) -> Option<Self> {
        weak.upgrade().map(|state| Self { state })
    }

    /// What there is now.
    pub(crate) fn current(&self) -> Option<T> {
        self.state.borrow().ready.clone()
    }

    /// What there is, or what `attempt` brings by `deadline`. While a failure's pause lasts, that failure.
    pub(crate) async fn get<F, A>(&self, deadline: Instant, attempt: F) -> Result<T, StoreError>
    where
        F: Fn() -> A,
        A: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        // Nearly always; the rest takes the lock that writers take.
        if let Some(ready) = self.current() {
            return Ok(ready);
        }
        let mut state = self.state.subscribe();
        loop {
            self.attempt_if(|state| state.ready.is_none(), &attempt);
            {
                let state = state.borrow_and_update();
                if let Some(ready) = &state.ready {
                    return Ok(ready.clone());
                }
                if !state.attempting {
                    return Err(state.why);
                }
            }
            // The sender lives as long as `self`.
            timeout_at(deadline, state.changed()).await.map_err(|_| NO_CONNECTION)?.ok();
        }
    }

    /// Has it got anew, in the background, and keeps what there is until then. Not more often than every
    /// `pause`.
    pub(crate) fn renew<A>(&self, pause: Duration, attempt: impl Fn() -> A)
    where
        A: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        if self.attempt_if(|_| true, &attempt) {
            let not_before = Instant::now() + pause;
            self.state.send_if_modified(|state| {
                state.not_before = state.not_before.max(Some(not_before));
                false
            });
        }
    }

    /// All goes well: the next failure is a first one.
    pub(crate) fn prosper(&self) {
        self.state.send_if_modified(|state| {
            state.failures = 0;
            false
        });
    }

    /// What there was is of no use any more.
    pub(crate) fn forget(&self, is_it: impl Fn(&T) -> bool, blame: Blame) {
        // Dropped after the lock.
        let mut gone = None;
        self.state.send_if_modified(|state| {
            let found = state.ready.as_ref().is_some_and(is_it);
            if found {
                gone = state.ready.take();
                match blame {
                    Blame::Nobody => {}
                    Blame::Once(why) if state.failures == 0 => {
                        (state.failures, state.why) = (1, why);
                    }
                    Blame::Once(why) | Blame::Supplier(why) => state.fail(why),
                }
            }
            found
        });
    }

    /// Begins an attempt, if one is wanted, none is under way and no pause lasts; whether it did.
    fn attempt_if<F, A>(&self, wanted: impl Fn(&State<T>) -> bool, attempt: &F) -> bool
    where
        F: Fn() -> A,
        A: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let now = Instant::now();
        let begun = self.state.send_if_modified(|state| {
            let paused = state.not_before.is_some_and(|instant| now < instant);
            if state.attempting || paused || !wanted(state) {
                return false;
            }
            state.attempting = true;
            true
        });
        if begun {
            let attempt = attempt();
            let mut end = End { state: Some(Arc::clone(&self.state)) };
            tokio::spawn(async move { end.with(attempt.await) });
        }
        begun
    }
}

impl<T> State<T> {
    fn fail(&mut self, why: StoreError) {
        let random = RandomState::new().hash_one(self.failures);
        self.not_before = Some(Instant::now() + pause(self.failures, random));
        self.failures = self.failures.saturating_add(1);
        self.why = why;
    }
}

/// Ends an attempt, even one whose task is thrown away with its runtime.
struct End<T> {
    state: Option<Arc<watch::Sender<State<T>>>>,
}

impl<T> End<T> {
    fn with(&mut self, outcome: Result<T, StoreError>) {
        let Some(state) = self.state.take() else { return };
        // Dropped after the lock.
        let mut former = None;
        state.send_modify(|state| {
            state.attempting = false;
            match outcome {
                Ok(ready) => former = state.ready.replace(ready),
                Err(why) => state.fail(why),
            }
        });
    }
}

impl<T> Drop for End<T> {
    fn drop(&mut self) {
        self.with(Err(StoreError::Unavailable("the attempt was thrown away")));
    }
}

/// The pause after this many failures before this one: doubling, and up to a half shorter by chance, so that a
/// fleet does not come back all at once.
fn pause(failures: u32, random: u64) -> Duration {
    let full = SHORTEST_PAUSE.saturating_mul(1 << failures.min(16)).min(LONGEST_PAUSE);
    let part = 1024 - (random % 512) as u32;
    full * part / 1024
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const DOWN: StoreError = StoreError::Unavailable("down");

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn pauses_double_up_to_a_second_and_vary() {
        let longest: Vec<_> = (0..8).map(|failures| pause(failures, 0).as_millis()).collect();
        assert_eq!(longest, [50, 100, 200, 400, 800, 1000, 1000, 1000]);
        for random in 0..2000 {
            let pause = pause(u32::MAX, random).as_millis();
            assert!((500..=1000).contains(&pause), "{pause}");
        }
        assert_ne!(pause(3, 1), pause(3, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_share_one_attempt() {
        let supply = Supply::<u32>::new();
        let attempts = Arc::new(AtomicU32::new(0));
        let attempt = || {
            let attempts = Arc::clone(&attempts);
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(attempts.fetch_add(1, Ordering::Relaxed))
            }
        };
        let callers = (0..20).map(|_| supply.get(soon(), attempt));
        let answers = futures_util::future::join_all(callers).await;
        assert!(answers.iter().all(|answer| *answer == Ok(0)), "{answers:?}");
        assert_eq!(attempts.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_ends_the_waiting_and_not_the_attempt() {
        let supply = Supply::<u32>::new();
        let attempt = || async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(7)
        };
        let deadline = Instant::now() + Duration::from_millis(10);
        assert_eq!(supply.get(deadline, attempt).await, Err(NO_CONNECTION));
        assert_eq!(Instant::now(), deadline);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(supply.current(), Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_answered_at_once_while_its_pause_lasts() {
        let supply = Supply::<u32>::new();
        let attempts = Arc::new(AtomicU32::new(0));
        let attempt = || {
            attempts.fetch_add(1, Ordering::Relaxed);
            async { Err(DOWN) }
        };
        let began = Instant::now();
        for _ in 0..100 {
            assert_eq!(supply.get(soon(), attempt).await, Err(DOWN));
        }
        assert_eq!(Instant::now(), began, "nobody waited");
        assert_eq!(attempts.load(Ordering::Relaxed), 1);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(supply.get(soon(), attempt).await, Err(DOWN));
        assert_eq!(attempts.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_renewed_stays_until_the_new_one_is_there() {
        let supply = Supply::<u32>::new();
        assert_eq!(supply.get(soon(), || async { Ok(1) }).await, Ok(1));
        let slow = || async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(2)
        };
        supply.renew(Duration::ZERO, slow);
        assert_eq!(supply.get(soon(), slow).await, Ok(1));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(supply.current(), Some(2));
        supply.forget(|number| *number == 1, Blame::Nobody);
        assert_eq!(supply.current(), Some(2), "another one");
        supply.forget(|number| *number == 2, Blame::Supplier(DOWN));
        assert_eq!(supply.get(soon(), slow).await, Err(DOWN));
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_before_its_first_use_is_had_again_at_once_only_once() {
        let supply = Supply::<u32>::new();
        let attempt = || async { Ok(1) };
        for expected in [Ok(1), Ok(1), Err(DOWN), Err(DOWN)] {
            assert_eq!(supply.get(soon(), attempt).await, expected);
            supply.forget(|_| true, Blame::Once(DOWN));
        }
        tokio::time::sleep(LONGEST_PAUSE).await;
        assert_eq!(supply.get(soon(), attempt).await, Ok(1));
        supply.prosper();
        supply.forget(|_| true, Blame::Once(DOWN));
        assert_eq!(supply.get(soon(), attempt).await, Ok(1), "a first failure again");
    }
}
