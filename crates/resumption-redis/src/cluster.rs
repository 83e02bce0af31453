//! Redis Cluster: each request to the primary that has its key.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use redis::cmd;
use resumption_callbacks::StoreError;
use tokio::time::Instant;

use crate::address::Endpoint;
use crate::command::{Again, Command};
use crate::connect::Connector;
use crate::failure::Trouble;
use crate::link::{Link, Manner};
use crate::sentinel::DialServer;
use crate::slots::{SlotMap, slot_of};
use crate::supply::Supply;

/// How often a request follows where it is sent to. More than one while slots move, never many.
const REDIRECTIONS: usize = 3;

/// Who has what is not asked more often than this.
const RENEWAL: Duration = Duration::from_millis(100);

/// How long one server may take to say who has what.
const MAP_WITHIN: Duration = Duration::from_millis(500);

/// No cluster has more servers (the specification's recommendation is 1000).
const MOST_SERVERS: usize = 2048;

const NOBODYS: StoreError = StoreError::Unavailable("no server has the key's slot");

/// The servers of a cluster.
pub(crate) struct Cluster {
    shared: Arc<Shared>,
    map: Supply<Arc<SlotMap>>,
}

struct Shared {
    connector: Arc<Connector>,
    /// The servers that the configuration names.
    seeds: Vec<Endpoint>,
    links: Mutex<HashMap<Endpoint, Arc<Link>>>,
}

impl Cluster {
    pub(crate) fn new(connector: Arc<Connector>, seeds: Vec<Endpoint>) -> Self {
        let shared = Shared { connector, seeds, links: Mutex::default() };
        Self { shared: Arc::new(shared), map: Supply::new() }
    }

    /// One request, wherever it has to go.
    pub(crate) async fn ask<T>(
        &self,
        command: &Command<T>,
        deadline: Instant,
    ) -> Result<T, StoreError> {
        let mut server = self.primary_of(command, deadline).await?;
        let mut manner = Manner::Plain;
        let mut repeated = false;
        for _ in 0..=REDIRECTIONS {
            let link = self.shared.link(&server)?;
            match link.send(command, manner, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Moved(next)) => {
                    self.renew();
                    (server, manner) = (next.or_at(&server), Manner::Plain);
                }
                Err(Trouble::Ask(next)) => {
                    (server, manner) = (next.or_at(&server), Manner::Asking);
                }
                Err(Trouble::Lost(_)) if command.again == Again::Harmless && !repeated => {
                    self.renew();
                    repeated = true;
                }
                Err(trouble) => return Err(self.note(trouble)),
            }
        }
        Err(StoreError::Unavailable("the key is moved about"))
    }

    /// Many requests: a pipeline for each primary, all at once.
    pub(crate) async fn ask_all<T>(
        &self,
        commands: &[Command<T>],
        deadline: Instant,
    ) -> Vec<Result<T, StoreError>> {
        let map = match self.map(deadline).await {
            Ok(map) => map,
            Err(error) => return commands.iter().map(|_| Err(error)).collect(),
        };
        let mut groups: HashMap<&Endpoint, Vec<usize>> = HashMap::new();
        let mut answers: Vec<Option<Result<T, StoreError>>> = Vec::new();
        for (index, command) in commands.iter().enumerate() {
            let primary = map.primary(slot_of(&command.key));
            answers.push(primary.is_none().then_some(Err(NOBODYS)));
            if let Some(primary) = primary {
                groups.entry(primary).or_default().push(index);
            }
        }
        if answers.iter().any(Option::is_some) {
            self.renew();
        }
        let pipelines = groups.into_iter().map(|(primary, indices)| async move {
            let group: Vec<_> = indices.iter().filter_map(|index| commands.get(*index)).collect();
            (indices, self.ask_one(primary, &group, deadline).await)
        });
        for (indices, group) in join_all(pipelines).await {
            for (index, answer) in indices.into_iter().zip(group) {
                if let Some(place) = answers.get_mut(index) {
                    *place = Some(answer);
                }
            }
        }
        answers.into_iter().map(|answer| answer.unwrap_or(Err(NOBODYS))).collect()
    }

    /// A pipeline to one primary; what belongs elsewhere by now is asked there by itself.
    async fn ask_one<T>(
        &self,
        primary: &Endpoint,
        commands: &[&Command<T>],
        deadline: Instant,
    ) -> Vec<Result<T, StoreError>> {
        let link = match self.shared.link(primary) {
            Ok(link) => link,
            Err(error) => return commands.iter().map(|_| Err(error)).collect(),
        };
        let replies = match crate::store::pipelined(&link, commands, deadline).await {
            Ok(replies) => replies,
            Err(trouble) => {
                let error = self.note(trouble);
                return commands.iter().map(|_| Err(error)).collect();
            }
        };
        let answers = replies.into_iter().zip(commands).map(|(reply, command)| async move {
            match reply {
                Ok(answer) => Ok(answer),
                Err(Trouble::Moved(_) | Trouble::Ask(_)) => {
                    self.renew();
                    self.ask(command, deadline).await
                }
                Err(trouble) => Err(self.note(trouble)),
            }
        });
        join_all(answers).await
    }

    /// What a caller is told; and if a server is gone or has another part now, the map is had anew.
    fn note(&self, trouble: Trouble) -> StoreError {
        // A server that says no is there, and the right one.
        let right = matches!(&trouble, Trouble::Final(StoreError::Refused(_)));
        if !right {
            self.renew();
        }
        trouble.into_error()
    }

    async fn primary_of<T>(
        &self,
        command: &Command<T>,
        deadline: Instant,
    ) -> Result<Endpoint, StoreError> {
        let map = self.map(deadline).await?;
        let Some(primary) = map.primary(slot_of(&command.key)) else {
            self.renew();
            return Err(NOBODYS);
        };
        Ok(primary.clone())
    }

    async fn map(&self, deadline: Instant) -> Result<Arc<SlotMap>, StoreError> {
        self.map.get(deadline, || learn(Arc::clone(&self.shared), None)).await
    }

    fn renew(&self) {
        let known = self.map.current();
        self.map.renew(RENEWAL, || learn(Arc::clone(&self.shared), known.clone()));
    }
}

/// Asks one server after the other who has what, in an order of chance: one that was cut off from the others
/// and still believes in an old order is then not asked every time.
async fn learn(
    shared: Arc<Shared>,
    known: Option<Arc<SlotMap>>,
) -> Result<Arc<SlotMap>, StoreError> {
    let mut servers = shared.seeds.clone();
    servers.extend(known.iter().flat_map(|map| map.servers().iter().cloned()));
    let chance = RandomState::new();
    servers.sort_by_cached_key(|server| (chance.hash_one(server), server.clone()));
    servers.dedup();
    let mut why = StoreError::Unavailable("no server of the cluster answers");
    for server in servers {
        let mut question = cmd("CLUSTER");
        question.arg("SLOTS");
        let deadline = Instant::now() + MAP_WITHIN;
        match shared.link(&server)?.ask(question, deadline).await {
            Ok(answer) => {
                if let Some(map) = SlotMap::parse(answer, &server) {
                    shared.keep(&map);
                    return Ok(Arc::new(map));
                }
                why = StoreError::Malformed("no map of the cluster");
            }
            Err(trouble) => why = trouble.into_error(),
        }
    }
    Err(why)
}

impl Shared {
    fn link(&self, endpoint: &Endpoint) -> Result<Arc<Link>, StoreError> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = links.get(endpoint) {
            return Ok(Arc::clone(link));
        }
        if links.len() >= MOST_SERVERS {
            return Err(StoreError::Malformed("a cluster of too many servers"));
        }
        let dial =
            DialServer { connector: Arc::clone(&self.connector), endpoint: endpoint.clone() };
        let link = Arc::new(Link::new(dial));
        links.insert(endpoint.clone(), Arc::clone(&link));
        Ok(link)
    }

    /// Hangs up on servers that are not in the cluster any more.
    fn keep(&self, map: &SlotMap) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = links.extract_if(|endpoint, _| {
            !map.servers().contains(endpoint) && !self.seeds.contains(endpoint)
        });
        let gone: Vec<_> = gone.collect();
        drop(links);
        drop(gone);
    }
}
