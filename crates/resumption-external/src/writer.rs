//! Writes what is queued, a batch at a time, each pipelined by the store.

use std::sync::Arc;
use std::time::Duration;

use resumption_callbacks::{ExternalStore, Overwrite, Put, StoreError, StoreKey};
use resumption_session::{Session, Timestamp};
use tokio::time::{Instant, sleep_until, timeout};

use crate::breaker::Permit;
use crate::name::Name;
use crate::options::StoreUse;
use crate::queue::{Outcome, Write};
use crate::shared::Inner;
use crate::state::State;

/// What the writer does next.
enum Next {
    Pause(Instant),
    Stop,
    Wait,
    WaitForSwitch,
    Write(Vec<(Name, Write)>, Permit),
}

pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        let now = inner.now();
        match inner.with(|state, _| next(state, inner.options.batch, now)) {
            Next::Stop => return,
            Next::Write(batch, permit) => write(&inner, batch, permit).await,
            Next::Wait => tokio::select! {
                () = inner.work.notified() => {}
                () = inner.control.notified() => {}
            },
            Next::Pause(until) => tokio::select! {
                () = sleep_until(until) => {}
                () = inner.control.notified() => {}
            },
            Next::WaitForSwitch => inner.control.notified().await,
        }
    }
}

fn next(state: &mut State, most: usize, now: Timestamp) -> Next {
    if state.stopped {
        return Next::Stop;
    }
    if state.store_use == StoreUse::Off {
        return Next::WaitForSwitch;
    }
    if !state.queue.has_waiting() {
        return Next::Wait;
    }
    match state.write_breaker.permit(Instant::now()) {
        Err(until) => Next::Pause(until),
        Ok(permit) => {
            // A probe risks one write of each kind.
            let most = if permit == Permit::Probe { 1 } else { most };
            Next::Write(state.queue.next(most, now), permit)
        }
    }
}

async fn write(inner: &Arc<Inner>, writes: Vec<(Name, Write)>, permit: Permit) {
    let names: Vec<_> = writes.iter().map(|(name, _)| *name).collect();
    // A task of its own, so that a store or a session that panics ends only its batch.
    let written = inner.runtime.spawn(batch(Arc::clone(inner), writes)).await;
    let ended = written.unwrap_or_else(|_| {
        let panicked = Outcome::Failed(StoreError::Unavailable("a batch was not finished"));
        names.into_iter().map(|name| (name, panicked)).collect()
    });
    let told = ended.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::Impossible)).count();
    let failed = ended.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_))).count();
    inner.with(|state, leaving| {
        let now = Instant::now();
        if told == 0 {
            state.write_breaker.give_back(permit, now);
        } else {
            // Some may fail: one master of a cluster is away.
            state.write_breaker.record(permit, 2 * failed <= told, now);
        }
        for (name, outcome) in &ended {
            state.queue.finish(name, *outcome, leaving);
        }
    });
    inner.batches.send_modify(|batches| *batches += 1);
}

/// Seals and writes; what became of each.
async fn batch(inner: Arc<Inner>, writes: Vec<(Name, Write)>) -> Vec<(Name, Outcome)> {
    let (mut put_names, mut puts) = (Vec::new(), Vec::new());
    let (mut removal_names, mut keys) = (Vec::new(), Vec::new());
    let mut ended = Vec::new();
    let now = inner.now();
    for (name, write) in writes {
        match write {
            Write::Put(kept) => match seal(&inner, &kept.session, now) {
                Some(put) => {
                    put_names.push(name);
                    puts.push(put);
                }
                None => ended.push((name, Outcome::Impossible)),
            },
            Write::Remove(_) => {
                let in_store = inner.sealer.names(&name.context, &name.id);
                removal_names.push((name, in_store.len()));
                keys.extend(in_store);
            }
        }
    }
    let within = inner.options.write_deadline;
    // No name is in both.
    let (put_answers, removal_answers) = tokio::join!(
        put_all(&*inner.store, &puts, within),
        remove_all(&*inner.store, &keys, within)
    );
    let (mut put_answers, mut removal_answers) =
        (put_answers.into_iter(), removal_answers.into_iter());
    ended.extend(put_names.into_iter().map(|name| (name, outcome_of(put_answers.next()))));
    ended.extend(removal_names.into_iter().map(|(name, names)| {
        // Under all the names that it can have in the store, or it is not removed.
        let outcomes = (0..names).map(|_| outcome_of(removal_answers.next()));
        let failed = outcomes.filter(|outcome| matches!(outcome, Outcome::Failed(_))).last();
        (name, failed.unwrap_or(Outcome::Done))
    }));
    ended
}

fn seal(inner: &Inner, session: &Session, now: Timestamp) -> Option<Put> {
    let sealed = inner.sealer.seal(session.view(), inner.options.longest_life, now);
    let (key, value) = sealed.ok()?;
    Some(Put { key, value, overwrite: Overwrite::Allowed })
}

type Answers = Vec<Result<bool, StoreError>>;

async fn put_all(store: &dyn ExternalStore, puts: &[Put], within: Duration) -> Answers {
    if puts.is_empty() {
        return Answers::new();
    }
    let answers = timeout(within, store.put_all(puts, within)).await;
    answers.unwrap_or_else(|_| too_late(puts.len()))
}

async fn remove_all(store: &dyn ExternalStore, keys: &[StoreKey], within: Duration) -> Answers {
    if keys.is_empty() {
        return Answers::new();
    }
    let answers = timeout(within, store.remove_all(keys, within)).await;
    answers.unwrap_or_else(|_| too_late(keys.len()))
}

fn too_late(questions: usize) -> Answers {
    vec![Err(StoreError::TimedOut("the deadline of a batch passed")); questions]
}

/// Whether there was something to remove does not matter, and a put always overwrites.
fn outcome_of(answer: Option<Result<bool, StoreError>>) -> Outcome {
    match answer {
        Some(Ok(_)) => Outcome::Done,
        Some(Err(error)) => Outcome::Failed(error),
        // The store's client forgot some of the answers.
        None => Outcome::Failed(StoreError::Malformed("fewer answers than questions")),
    }
}
