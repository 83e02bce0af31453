//! The store itself: what an [`ExternalStore`] is asked, in the terms of links.

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use resumption_callbacks::{
    ExternalStore, Overwrite, Put, SealedSession, StoreBatch, StoreError, StoreFuture, StoreKey,
};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::command::{self, Again, Command};
use crate::config::{ConfigError, RedisConfig, Topology};
use crate::connect::Connector;
use crate::failure::Trouble;
use crate::link::{Link, Manner};
use crate::replies::Limits;
use crate::sentinel::{DialPrimary, DialServer};
use crate::tls;

/// What Sentinel and Cluster say about themselves fits into this, for a thousand servers.
const LONGEST_REPLY: usize = 1 << 20;

/// Nobody waits longer for anything.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Requests that go into one write.
const PIPELINE: usize = 128;

const NO_RUNTIME: StoreError = StoreError::Unavailable("not in a tokio runtime");
const TOO_LARGE: StoreError = StoreError::Refused("the session is larger than may be stored");

/// Sealed sessions in Redis or Valkey.
///
/// Cheap to share behind an `Arc`. Each server is reached through one connection that all operations
/// share and that comes back by itself; the first is made by the first operation, so that a store that is
/// down keeps nobody from starting.
pub struct RedisStore {
    router: Router,
    key_prefix: String,
    longest_time_to_live: Duration,
    largest_value: usize,
}

enum Router {
    Cluster(Cluster),
    One(Link),
}

impl RedisStore {
    /// A store of this configuration. Asks nobody yet.
    ///
    /// # Errors
    /// [`ConfigError::Authorities`] if the store is to be reached by TLS, no authority was named, and the
    /// system has none.
    pub fn new(config: RedisConfig) -> Result<Self, ConfigError> {
        let tls = match (config.tls, config.client_config) {
            (false, _) => None,
            (true, Some(client_config)) => Some(client_config),
            (true, None) => Some(Arc::new(tls::of_the_system()?)),
        };
        let limits = Limits {
            value: config.largest_value,
            reply: LONGEST_REPLY.max(2 * config.largest_value),
        };
        let within = config.connect_within;
        let connector = |credentials, database| {
            Arc::new(Connector { tls: tls.clone(), credentials, database, limits, within })
        };
        let servers = connector(config.credentials, config.database);
        let mut endpoints = config.endpoints;
        let router = match config.topology {
            Topology::Cluster => Router::Cluster(Cluster::new(servers, endpoints)),
            Topology::Sentinel { primary } => Router::One(Link::new(DialPrimary {
                sentinels: endpoints,
                name: primary,
                asking: connector(config.sentinel_credentials, 0),
                connector: servers,
            })),
            Topology::Standalone => {
                let endpoint = endpoints.pop().ok_or(ConfigError::Servers)?;
                Router::One(Link::new(DialServer { connector: servers, endpoint }))
            }
        };
        Ok(Self {
            router,
            key_prefix: config.key_prefix,
            longest_time_to_live: config.longest_time_to_live,
            largest_value: config.largest_value,
        })
    }

    fn key(&self, key: &StoreKey) -> String {
        command::key_of(&self.key_prefix, key)
    }

    /// The command that stores `value`; none if there is nothing to be done.
    fn put_command(
        &self,
        key: &StoreKey,
        value: &SealedSession,
        overwrite: Overwrite,
    ) -> Result<Option<Command<bool>>, StoreError> {
        if value.bytes().len() > self.largest_value {
            return Err(TOO_LARGE);
        }
        let time_to_live = value.time_to_live().min(self.longest_time_to_live);
        // Redis has no shorter time, and none at all is an error to it.
        if time_to_live < Duration::from_millis(1) {
            return Ok(None);
        }
        Ok(Some(command::put(self.key(key), value.bytes(), time_to_live, overwrite)))
    }

    async fn ask<T>(&self, command: Command<T>, within: Duration) -> Result<T, StoreError> {
        let deadline = deadline(within)?;
        match &self.router {
            Router::Cluster(cluster) => cluster.ask(&command, deadline).await,
            Router::One(link) => ask(link, &command, deadline).await,
        }
    }

    async fn ask_all<T>(
        &self,
        commands: &[Command<T>],
        within: Duration,
    ) -> Vec<Result<T, StoreError>> {
        let deadline = match deadline(within) {
            Ok(deadline) => deadline,
            Err(error) => return commands.iter().map(|_| Err(error)).collect(),
        };
        match &self.router {
            Router::Cluster(cluster) => cluster.ask_all(commands, deadline).await,
            Router::One(link) => {
                let borrowed: Vec<_> = commands.iter().collect();
                match pipelined(link, &borrowed, deadline).await {
                    Ok(replies) => replies
                        .into_iter()
                        .map(|reply| reply.map_err(|trouble| note(link, trouble)))
                        .collect(),
                    Err(trouble) => {
                        let error = note(link, trouble);
                        commands.iter().map(|_| Err(error)).collect()
                    }
                }
            }
        }
    }
}

/// One request to the one server, repeated once where that is harmless and of use.
async fn ask<T>(link: &Link, command: &Command<T>, deadline: Instant) -> Result<T, StoreError> {
    match link.send(command, Manner::Plain, deadline).await {
        Ok(answer) => return Ok(answer),
        Err(Trouble::Lost(_)) if command.again == Again::Harmless => {}
        // Behind Sentinel, or a name that moves, there is another primary by now.
        Err(Trouble::Demoted) => link.hang_up(),
        Err(trouble) => return Err(trouble.into_error()),
    }
    let repeated = link.send(command, Manner::Plain, deadline).await;
    repeated.map_err(|trouble| note(link, trouble))
}

fn note(link: &Link, trouble: Trouble) -> StoreError {
    if trouble == Trouble::Demoted {
        link.hang_up();
    }
    trouble.into_error()
}

/// Requests to one server, some at a time. Fails as a whole only if none was answered.
pub(crate) async fn pipelined<T>(
    link: &Link,
    commands: &[&Command<T>],
    deadline: Instant,
) -> Result<Vec<Result<T, Trouble>>, Trouble> {
    let mut answers = Vec::with_capacity(commands.len());
    for some in commands.chunks(PIPELINE) {
        match link.send_all(some, deadline).await {
            Ok(replies) => answers.extend(replies),
            Err(trouble) if answers.is_empty() => return Err(trouble),
            Err(trouble) => {
                let error = trouble.into_error();
                let left = commands.len() - answers.len();
                answers.extend((0..left).map(|_| Err(Trouble::Final(error))));
                break;
            }
        }
    }
    Ok(answers)
}

/// When `within` is over. Elsewhere than in a runtime there is no clock that could tell.
fn deadline(within: Duration) -> Result<Instant, StoreError> {
    Handle::try_current().map_err(|_| NO_RUNTIME)?;
    Ok(Instant::now() + within.min(LONGEST_WAIT))
}

impl ExternalStore for RedisStore {
    fn put<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SealedSession,
        overwrite: Overwrite,
        within: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            match self.put_command(key, value, overwrite)? {
                Some(command) => self.ask(command, within).await,
                None => Ok(false),
            }
        })
    }

    fn get<'a>(&'a self, key: &'a StoreKey, within: Duration) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(self.ask(command::get(self.key(key)), within))
    }

    fn take<'a>(&'a self, key: &'a StoreKey, within: Duration) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(self.ask(command::take(self.key(key)), within))
    }

    fn remove<'a>(&'a self, key: &'a StoreKey, within: Duration) -> StoreFuture<'a, bool> {
        Box::pin(self.ask(command::remove(self.key(key)), within))
    }

    fn put_all<'a>(&'a self, puts: &'a [Put], within: Duration) -> StoreBatch<'a, bool> {
        Box::pin(async move {
            let mut commands = Vec::with_capacity(puts.len());
            let plan: Vec<Result<bool, StoreError>> = puts
                .iter()
                .map(|Put { key, value, overwrite }| {
                    let command = self.put_command(key, value, *overwrite)?;
                    Ok(command.map(|command| commands.push(command)).is_some())
                })
                .collect();
            let mut answers = self.ask_all(&commands, within).await.into_iter();
            plan.into_iter()
                .map(|sent| if sent? { answers.next().unwrap_or(Ok(false)) } else { Ok(false) })
                .collect()
        })
    }

    fn remove_all<'a>(&'a self, keys: &'a [StoreKey], within: Duration) -> StoreBatch<'a, bool> {
        Box::pin(async move {
            let commands: Vec<_> = keys.iter().map(|key| command::remove(self.key(key))).collect();
            self.ask_all(&commands, within).await
        })
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("key_prefix", &self.key_prefix).finish_non_exhaustive()
    }
}
