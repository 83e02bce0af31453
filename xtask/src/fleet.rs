//! A fleet on loopback: a Redis Cluster of three primaries and three replicas, and what stands in front.
//!
//! So far nothing does: the hosts, three `resumption serve` with the cluster as their store, and the clients
//! that return to them at random belong between [`Fleet::start`] and [`Fleet::lose_a_primary`], and again
//! between that and the end. What there is shows that the cluster under them comes up, survives the
//! death of a primary, and goes away.

use std::time::{Duration, Instant};

use redis_harness::{Cluster, until};

use crate::failure::Failure;

/// How long a failover may take on a busy machine.
const FAILS_OVER_WITHIN: Duration = Duration::from_secs(30);

/// Starts the fleet, kills one of its primaries, and says how long each step took.
pub(crate) fn run() -> Result<(), Failure> {
    let mut fleet = Fleet::start()?;
    println!("fleet: no host stands in front of the cluster yet");
    fleet.lose_a_primary()?;
    fleet.regain_it()
}

/// What runs; dropping it stops everything.
pub(crate) struct Fleet {
    cluster: Cluster,
}

impl Fleet {
    /// A cluster that serves every slot.
    pub(crate) fn start() -> Result<Self, Failure> {
        let began = Instant::now();
        let cluster = Cluster::start()?;
        println!("fleet: a cluster of six serves every slot after {:.1?}", began.elapsed());
        println!("fleet: {}", cluster.urls().join(" "));
        Ok(Self { cluster })
    }

    /// Kills the first primary with SIGKILL, and waits until its replica serves its slots.
    pub(crate) fn lose_a_primary(&mut self) -> Result<(), Failure> {
        let began = Instant::now();
        self.cluster.servers[0].kill();
        until("a replica that takes over", FAILS_OVER_WITHIN, || {
            self.cluster.primaries().contains(&3).then_some(())
        })?;
        self.cluster.wait_until_served(FAILS_OVER_WITHIN)?;
        println!("fleet: kill -9 of a primary: every slot is served after {:.1?}", began.elapsed());
        Ok(())
    }

    /// Starts the killed server again, and waits until it follows the one that took its place.
    pub(crate) fn regain_it(&mut self) -> Result<(), Failure> {
        let began = Instant::now();
        self.cluster.servers[0].restart()?;
        until("a server that joins again", FAILS_OVER_WITHIN, || {
            (!self.cluster.primaries().contains(&0)).then_some(())
        })?;
        self.cluster.wait_until_served(FAILS_OVER_WITHIN)?;
        println!("fleet: it is back as a replica after {:.1?}", began.elapsed());
        Ok(())
    }
}
