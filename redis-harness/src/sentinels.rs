//! A primary, its replica, and three sentinels that watch them.

use std::time::Duration;

use crate::client::Reply;
use crate::fault::Fault;
use crate::server::{Options, Server};
use crate::wait::until;

/// Sentinels meet through messages that each publishes every 2 s.
const MEET_WITHIN: Duration = Duration::from_secs(30);

/// Two servers under three sentinels.
#[derive(Debug)]
pub struct Sentinels {
    /// The servers that keep data: the first primary, and its replica.
    pub servers: Vec<Server>,
    /// The sentinels.
    pub sentinels: Vec<Server>,
}

impl Sentinels {
    /// What the sentinels call the primary.
    pub const PRIMARY: &str = "tls";

    /// Starts them and waits until they know each other. A primary is taken for dead after 500 ms.
    ///
    /// # Errors
    /// As [`Server::start`], or if they do not meet.
    pub fn start() -> Result<Self, Fault> {
        let primary = Server::start(&Options::new())?;
        let port = primary.port();
        let replica = Options::new().with("replicaof", format!("127.0.0.1 {port}"));
        let servers = vec![primary, Server::start(&replica)?];
        until("a replica in step", MEET_WITHIN, || {
            let text = servers[1].ask("INFO replication").ok()?;
            text.text()?.contains("master_link_status:up").then_some(())
        })?;
        let mut sentinels = Vec::new();
        for _ in 0..3 {
            let sentinel = Server::start(&Options::sentinel())?;
            let name = Self::PRIMARY;
            sentinel.ask(&format!("SENTINEL MONITOR {name} 127.0.0.1 {port} 2"))?;
            sentinel.ask(&format!("SENTINEL SET {name} down-after-milliseconds 500"))?;
            sentinel.ask(&format!("SENTINEL SET {name} failover-timeout 3000"))?;
            sentinels.push(sentinel);
        }
        let all = Self { servers, sentinels };
        until("sentinels that know each other and the replica", MEET_WITHIN, || {
            all.sentinels.iter().all(|sentinel| all.is_informed(sentinel)).then_some(())
        })?;
        Ok(all)
    }

    fn is_informed(&self, sentinel: &Server) -> bool {
        let count = |what: &str| match sentinel.ask(&format!("SENTINEL {what} {}", Self::PRIMARY)) {
            Ok(Reply::Array(list)) => list.len(),
            _ => 0,
        };
        count("SENTINELS") == self.sentinels.len() - 1 && count("REPLICAS") == 1
    }

    /// The sentinels' URLs.
    pub fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(Server::url).collect()
    }

    /// The port of the primary, as a sentinel that runs says.
    pub fn primary_port(&self) -> Option<u16> {
        let question = format!("SENTINEL GET-MASTER-ADDR-BY-NAME {}", Self::PRIMARY);
        self.sentinels.iter().find_map(|sentinel| match sentinel.ask(&question) {
            Ok(Reply::Array(answer)) => answer.get(1)?.text()?.parse().ok(),
            _ => None,
        })
    }
}
