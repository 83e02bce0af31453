//! Redis Cluster: three primaries, three replicas.

use std::time::Duration;

use crate::client::Reply;
use crate::fault::Fault;
use crate::ports::free_port;
use crate::server::{Options, Server};
use crate::wait::until;

/// Servers of a cluster gossip; on a busy machine that takes its time.
const MEET_WITHIN: Duration = Duration::from_secs(30);

const PRIMARIES: usize = 3;

/// A cluster of six; the first three are the primaries at first, and the fourth is the replica of the first.
#[derive(Debug)]
pub struct Cluster {
    /// The servers, in the order in which they were started.
    pub servers: Vec<Server>,
}

impl Cluster {
    /// Starts a cluster and waits until it serves every slot, and each replica is in step. A server is
    /// taken for dead after a second.
    ///
    /// # Errors
    /// As [`Server::start`], or if the servers do not meet.
    pub fn start() -> Result<Self, Fault> {
        let mut buses = Vec::new();
        let mut servers = Vec::new();
        for _ in 0..2 * PRIMARIES {
            let bus = free_port()?;
            let options = Options::new()
                .with("cluster-enabled", "yes")
                .with("cluster-port", bus.to_string())
                .with("cluster-node-timeout", "1000")
                // Two thirds of the keys are better than none.
                .with("cluster-require-full-coverage", "no");
            servers.push(Server::start(&options)?);
            buses.push(bus);
        }
        let cluster = Self { servers };
        cluster.assign()?;
        cluster.introduce(&buses)?;
        cluster.attach()?;
        cluster.wait_until_served(MEET_WITHIN)?;
        Ok(cluster)
    }

    /// Slots to the primaries.
    fn assign(&self) -> Result<(), Fault> {
        for (index, server) in self.servers.iter().enumerate() {
            server.ask(&format!("CLUSTER SET-CONFIG-EPOCH {}", index + 1))?;
            if index < PRIMARIES {
                let (first, last) =
                    (index * 16384 / PRIMARIES, (index + 1) * 16384 / PRIMARIES - 1);
                server.ask(&format!("CLUSTER ADDSLOTSRANGE {first} {last}"))?;
            }
        }
        Ok(())
    }

    /// Everybody to everybody.
    fn introduce(&self, buses: &[u16]) -> Result<(), Fault> {
        for (server, bus) in self.servers.iter().zip(buses).skip(1) {
            self.servers[0].ask(&format!("CLUSTER MEET 127.0.0.1 {} {bus}", server.port()))?;
        }
        until("servers of a cluster that know each other", MEET_WITHIN, || {
            let all = self.servers.iter().all(|server| {
                server.ask("CLUSTER NODES").is_ok_and(|nodes| {
                    let nodes = nodes.text().unwrap_or_default();
                    nodes.lines().count() == self.servers.len() && !nodes.contains("handshake")
                })
            });
            all.then_some(())
        })
    }

    /// Replicas to their primaries.
    fn attach(&self) -> Result<(), Fault> {
        for (index, replica) in self.servers.iter().enumerate().skip(PRIMARIES) {
            let id = self.servers[index - PRIMARIES].ask("CLUSTER MYID")?;
            let id = id.text().unwrap_or_default().to_owned();
            replica.ask(&format!("CLUSTER REPLICATE {id}"))?;
        }
        until("replicas in step", MEET_WITHIN, || {
            let all = self.servers.iter().skip(PRIMARIES).all(|replica| {
                replica.ask("INFO replication").is_ok_and(|info| {
                    info.text().unwrap_or_default().contains("master_link_status:up")
                })
            });
            all.then_some(())
        })
    }

    /// Waits until every server that runs says that every slot is served.
    ///
    /// # Errors
    /// If that does not come to be.
    pub fn wait_until_served(&self, within: Duration) -> Result<(), Fault> {
        until("a cluster that serves every slot", within, || {
            let mut running = self.servers.iter().filter(|server| server.runs());
            running.all(serves_all).then_some(())
        })
    }

    /// The servers that are primaries now and run.
    pub fn primaries(&self) -> Vec<usize> {
        let primary = |server: &Server| {
            let info = server.ask("INFO replication").ok();
            info.is_some_and(|info| info.text().unwrap_or_default().contains("role:master"))
        };
        let servers = self.servers.iter().enumerate();
        servers.filter(|(_, server)| server.runs() && primary(server)).map(|(at, _)| at).collect()
    }

    /// The URLs of all servers.
    pub fn urls(&self) -> Vec<String> {
        self.servers.iter().map(Server::url).collect()
    }
}

/// Whether `CLUSTER INFO` counts all slots as served, and none as failing.
fn serves_all(server: &Server) -> bool {
    let info = server.ask("CLUSTER INFO").ok();
    let info = info.as_ref().and_then(Reply::text).unwrap_or_default();
    ["cluster_state:ok", "cluster_slots_ok:16384"].iter().all(|line| info.contains(line))
}
