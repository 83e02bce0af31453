//! The way to one server: a connection that comes back by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::BoxFuture;
use redis::Value;
use redis::aio::MultiplexedConnection;
use resumption_callbacks::StoreError;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

use crate::bounded::Verdict;
use crate::command::Command;
use crate::connect::Connected;
use crate::failure::{CONNECTION_ENDED, NO_ANSWER, OTHER_ANSWER, Trouble, checked, of_library};
use crate::supply::{Blame, Supply};

/// A connection that has been asked and has said nothing for this long is given up. Shorter, and a
/// server that is merely slow would be reconnected to all the time; longer, and a host that vanished is waited
/// for.
const LONGEST_SILENCE: Duration = Duration::from_secs(1);

/// Makes connections to one server, or to whichever is the primary.
pub(crate) trait Dial: Send + Sync {
    fn dial(&self) -> BoxFuture<'static, Result<Connected, StoreError>>;
}

/// The way to one server.
pub(crate) struct Link {
    dial: Box<dyn Dial>,
    supply: Supply<Arc<Live>>,
}

/// A connection that was up when it was last heard of.
struct Live {
    connection: MultiplexedConnection,
    verdict: Arc<Verdict>,
    /// Whether anything was answered: a server that hangs up on each connection, or talks nonsense on it, is
    /// not to be dialled without a pause.
    answered: AtomicBool,
    /// Since when requests time out and nothing at all was said.
    silent_since: Mutex<Option<Instant>>,
    driver: AbortHandle,
}

impl Drop for Live {
    fn drop(&mut self) {
        // As the protocol's library wants it: it may wait for replies to requests that nobody waits for.
        self.driver.abort();
    }
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Manner {
    /// After ASKING: the server is only about to get the key.
    Asking,
    Plain,
}

impl Link {
    pub(crate) fn new(dial: impl Dial + 'static) -> Self {
        Self { dial: Box::new(dial), supply: Supply::new() }
    }

    /// One request and its answer, by `deadline`.
    pub(crate) async fn send<T>(
        &self,
        command: &Command<T>,
        manner: Manner,
        deadline: Instant,
    ) -> Result<T, Trouble> {
        let mut pipeline = redis::pipe();
        if manner == Manner::Asking {
            pipeline.cmd("ASKING");
        }
        pipeline.add_command(command.packed.clone());
        let (live, mut replies) = self.exchange(&pipeline, deadline).await?;
        let reply = replies.pop().unwrap_or_default();
        self.read(&live, reply, command)
    }

    /// Several requests in one pipeline, with an answer for each.
    pub(crate) async fn send_all<T>(
        &self,
        commands: &[&Command<T>],
        deadline: Instant,
    ) -> Result<Vec<Result<T, Trouble>>, Trouble> {
        let mut pipeline = redis::pipe();
        for command in commands {
            pipeline.add_command(command.packed.clone());
        }
        let (live, replies) = self.exchange(&pipeline, deadline).await?;
        let replies = replies.into_iter().zip(commands);
        Ok(replies.map(|(reply, command)| self.read(&live, reply, command)).collect())
    }

    /// A question about the store itself.
    pub(crate) async fn ask(
        &self,
        question: redis::Cmd,
        deadline: Instant,
    ) -> Result<Value, Trouble> {
        let mut pipeline = redis::pipe();
        pipeline.add_command(question);
        let (live, mut replies) = self.exchange(&pipeline, deadline).await?;
        self.answered(&live);
        checked(replies.pop().unwrap_or_default())
    }

    /// Whoever answers here is not, or no longer, the right one: the next request dials again.
    pub(crate) fn hang_up(&self) {
        self.supply.forget(|_| true, Blame::Nobody);
    }

    async fn exchange(
        &self,
        pipeline: &redis::Pipeline,
        deadline: Instant,
    ) -> Result<(Arc<Live>, Vec<Value>), Trouble> {
        let live = self.live(deadline).await.map_err(Trouble::Final)?;
        let mut connection = live.connection.clone();
        let expected = pipeline.len();
        let replies = connection.send_packed_commands(pipeline, 0, expected);
        match timeout_at(deadline, replies).await {
            Ok(Ok(replies)) if replies.len() == expected => Ok((live, replies)),
            Ok(Ok(_)) => {
                self.give_up(&live, OTHER_ANSWER);
                Err(Trouble::Final(OTHER_ANSWER))
            }
            Ok(Err(error)) => {
                let trouble = of_library(&error, live.verdict.fault());
                let why = if let Trouble::Final(why) = &trouble { *why } else { CONNECTION_ENDED };
                self.give_up(&live, why);
                Err(trouble)
            }
            Err(_) => {
                if live.silent_for(Instant::now()) >= LONGEST_SILENCE {
                    self.give_up(&live, NO_ANSWER);
                }
                Err(Trouble::Final(NO_ANSWER))
            }
        }
    }

    fn read<T>(&self, live: &Arc<Live>, reply: Value, command: &Command<T>) -> Result<T, Trouble> {
        let answer = match checked(reply).map(command.read) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => {
                // Whatever comes next may be the answer to this.
                self.give_up(live, OTHER_ANSWER);
                return Err(Trouble::Final(OTHER_ANSWER));
            }
            Err(trouble) => Err(trouble),
        };
        self.answered(live);
        answer
    }

    fn answered(&self, live: &Live) {
        if !live.answered.swap(true, Ordering::Relaxed) {
            self.supply.prosper();
        }
    }

    fn give_up(&self, live: &Arc<Live>, why: StoreError) {
        give_up(&self.supply, live, why);
    }

    async fn live(&self, deadline: Instant) -> Result<Arc<Live>, StoreError> {
        let connect = || {
            let (dialled, supply) = (self.dial.dial(), self.supply.clone());
            async move { Ok(live(dialled.await?, &supply)) }
        };
        self.supply.get(deadline, connect).await
    }
}

/// Sets a connection's driver to work; when that ends, the supply hears of it.
fn live(connected: Connected, supply: &Supply<Arc<Live>>) -> Arc<Live> {
    let Connected { connection, driver, verdict, .. } = connected;
    // Neither may be kept alive by the driver: it ends when they are dropped.
    let supply = supply.downgrade();
    Arc::new_cyclic(|ended: &Weak<Live>| {
        let ended = Weak::clone(ended);
        let driver = tokio::spawn(async move {
            driver.await;
            if let (Some(live), Some(supply)) = (ended.upgrade(), Supply::upgrade(&supply)) {
                let fault = live.verdict.fault();
                give_up(&supply, &live, fault.map_or(CONNECTION_ENDED, StoreError::from));
            }
        });
        Live {
            connection,
            verdict,
            answered: AtomicBool::new(false),
            silent_since: Mutex::new(None),
            driver: driver.abort_handle(),
        }
    })
}

/// Nothing more comes of this connection.
fn give_up(supply: &Supply<Arc<Live>>, live: &Arc<Live>, why: StoreError) {
    let blame = if live.answered.load(Ordering::Relaxed) {
        Blame::Nobody
    } else if why == CONNECTION_ENDED {
        Blame::Once(why)
    } else {
        Blame::Supplier(why)
    };
    supply.forget(|current| Arc::ptr_eq(current, live), blame);
}

impl Live {
    /// Notes that a request was not answered by `now`, and for how long nothing was said.
    fn silent_for(&self, now: Instant) -> Duration {
        let mut since = self.silent_since.lock().unwrap_or_else(PoisonError::into_inner);
        // Too late for whoever asked, but not silent.
        if self.verdict.was_heard() {
            *since = None;
        }
        now.duration_since(*since.get_or_insert(now))
    }
}
