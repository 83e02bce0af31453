//! The store of a fleet, and all that can be done to it.

use std::time::Duration;

use redis_harness::{Cluster, Options, Reply, Server, until};

use super::proxy::{Proxy, Treatment};
use crate::failure::Failure;

/// How long a failover may take on a busy machine.
const FAILS_OVER_WITHIN: Duration = Duration::from_secs(30);

/// The right password, of a store that has one.
const PASSWORD: &str = "correct-horse";

/// What the hosts say instead.
const WRONG_PASSWORD: &str = "battery-staple";

/// A store; dropping it stops its servers.
pub(crate) struct Store(Kind);

enum Kind {
    Cluster(Cluster),
    /// One server, behind a proxy that can do things to its replies.
    One {
        server: Server,
        proxy: Proxy,
        url: String,
    },
}

impl Store {
    /// Redis Cluster: three primaries, three replicas.
    pub(crate) fn cluster() -> Result<Self, Failure> {
        Ok(Self(Kind::Cluster(Cluster::start()?)))
    }

    /// One server.
    pub(crate) fn one() -> Result<Self, Failure> {
        Self::behind_a_proxy(Server::start(&Options::new())?, "")
    }

    /// One server, of which the hosts have a wrong password.
    pub(crate) fn locked() -> Result<Self, Failure> {
        let server = Server::start(&Options::new().password(PASSWORD))?;
        Self::behind_a_proxy(server, &format!(":{WRONG_PASSWORD}@"))
    }

    fn behind_a_proxy(server: Server, credentials: &str) -> Result<Self, Failure> {
        let launch = |error| Failure::Launch { line: "a proxy".to_owned(), error };
        let proxy = Proxy::to(server.port()).map_err(launch)?;
        let url = format!("redis://{credentials}127.0.0.1:{}", proxy.port());
        Ok(Self(Kind::One { server, proxy, url }))
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        match &self.0 {
            Kind::Cluster(cluster) => cluster.urls(),
            Kind::One { url, .. } => vec![url.clone()],
        }
    }

    /// What is done to its replies from now on.
    pub(crate) fn treat(&self, treatment: Treatment) -> Result<(), Failure> {
        let Kind::One { proxy, .. } = &self.0 else { return Err(none_of_that()) };
        proxy.treat(treatment);
        Ok(())
    }

    /// SIGKILL: for a cluster its first primary, without waiting for its replica to take over.
    pub(crate) fn kill(&mut self) {
        match &mut self.0 {
            Kind::Cluster(cluster) => cluster.servers[0].kill(),
            Kind::One { server, .. } => server.kill(),
        }
    }

    /// Waits until a replica serves what the killed primary did.
    pub(crate) fn fail_over(&self) -> Result<(), Failure> {
        let Kind::Cluster(cluster) = &self.0 else { return Err(none_of_that()) };
        until("a replica that takes over", FAILS_OVER_WITHIN, || {
            cluster.primaries().contains(&3).then_some(())
        })?;
        Ok(cluster.wait_until_served(FAILS_OVER_WITHIN)?)
    }

    /// Starts again what was killed; in a cluster it becomes a replica.
    pub(crate) fn restart(&mut self) -> Result<(), Failure> {
        match &mut self.0 {
            Kind::Cluster(cluster) => {
                cluster.servers[0].restart()?;
                until("a server that joins again", FAILS_OVER_WITHIN, || {
                    (!cluster.primaries().contains(&0)).then_some(())
                })?;
                Ok(cluster.wait_until_served(FAILS_OVER_WITHIN)?)
            }
            Kind::One { server, .. } => Ok(server.restart()?),
        }
    }

    /// SIGSTOP.
    pub(crate) fn pause(&self) -> Result<(), Failure> {
        Ok(self.server()?.pause()?)
    }

    /// SIGCONT.
    pub(crate) fn go_on(&self) -> Result<(), Failure> {
        Ok(self.server()?.resume()?)
    }

    /// Leaves it no room for anything that is new, and no leave to forget.
    pub(crate) fn fill(&self) -> Result<(), Failure> {
        let server = self.server()?;
        server.ask("CONFIG SET maxmemory-policy noeviction")?;
        let used = server.ask("INFO memory")?;
        let used = used.text().and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("used_memory:"))?;
            line.trim().parse::<u64>().ok()
        });
        let used = used.ok_or_else(|| Failure::Fleet("the store hides its memory".to_owned()))?;
        server.ask(&format!("CONFIG SET maxmemory {}", used + (2 << 20)))?;
        // Until it says that there is no room.
        for number in 0..100_000 {
            if server.ask(&format!("SETRANGE filler-{number} 16000 x")).is_err() {
                return Ok(());
            }
        }
        Err(Failure::Fleet("the store is never full".to_owned()))
    }

    /// Gives it room again.
    pub(crate) fn make_room(&self) -> Result<(), Failure> {
        let server = self.server()?;
        for key in server.keys("filler-*")? {
            server.ask(&format!("DEL {key}"))?;
        }
        server.ask("CONFIG SET maxmemory 0")?;
        Ok(())
    }

    /// What the hosts take for its password becomes its password.
    pub(crate) fn accept_the_wrong_password(&self) -> Result<(), Failure> {
        self.server()?.ask(&format!("CONFIG SET requirepass {WRONG_PASSWORD}"))?;
        Ok(())
    }

    /// Moves the ends of all that it has by so much, as when its clock jumps.
    pub(crate) fn jump(&self, by: ClockJump) -> Result<(), Failure> {
        const HOUR_MS: i64 = 3600 * 1000;
        let server = self.server()?;
        for key in server.keys("resumption:*")? {
            let Reply::Integer(left) = server.ask(&format!("PTTL {key}"))? else { continue };
            // It has no end, or is gone already; or its end has been moved.
            if !(0..=HOUR_MS).contains(&left) {
                continue;
            }
            let left = if by == ClockJump::Back { left + HOUR_MS } else { left - HOUR_MS };
            server.ask(&format!("PEXPIRE {key} {left}"))?;
        }
        Ok(())
    }

    /// Rewrites what it has, as somebody without the keys could: the values of some sessions come under the
    /// names of others, the bytes of others are altered.
    pub(crate) fn forge(&self) -> Result<(), Failure> {
        let server = self.server()?;
        let keys = server.keys("resumption:*")?;
        for (number, pair) in keys.chunks(2).enumerate() {
            // Each may be gone by now, which is nothing to us.
            let done = match (pair, number % 3) {
                ([one, other], 0) => server.ask(&format!("COPY {one} {other} REPLACE")),
                ([one, ..], 1) => server.ask(&format!("SETRANGE {one} 60 forged")),
                ([one, ..], _) => server.ask(&format!("SET {one} nonsense KEEPTTL XX")),
                ([], _) => continue,
            };
            done?;
        }
        Ok(())
    }

    fn server(&self) -> Result<&Server, Failure> {
        match &self.0 {
            Kind::Cluster(_) => Err(none_of_that()),
            Kind::One { server, .. } => Ok(server),
        }
    }
}

/// Which way the store's clock jumps, by an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockJump {
    /// What it has outlives its end.
    Back,
    /// What it has is forgotten too early.
    Forward,
}

trait Keys {
    fn keys(&self, pattern: &str) -> Result<Vec<String>, Failure>;
}

impl Keys for Server {
    fn keys(&self, pattern: &str) -> Result<Vec<String>, Failure> {
        let Reply::Array(keys) = self.ask(&format!("KEYS {pattern}"))? else { return Ok(vec![]) };
        Ok(keys.iter().filter_map(Reply::text).map(str::to_owned).collect())
    }
}

fn none_of_that() -> Failure {
    Failure::Fleet("this cannot be done to a store of this kind".to_owned())
}
