//! A primary dies, and another server takes its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use redis_harness::{Cluster, Options, Sentinels, Server, until};
use resumption_callbacks::{ExternalStore, Overwrite, StoreError};
use resumption_redis::{RedisStore, Topology};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{AMPLE, HOUR, Load, config, fresh_key, outage, recovery, sealed};

/// What a handshake can spare.
const WITHIN: Duration = Duration::from_millis(50);

/// How long a failover may take on a busy machine.
const FAILS_OVER_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_which_a_primary_is_killed_under_load_recovers_by_itself() {
    let mut cluster = Cluster::start().expect("a cluster");
    let store = RedisStore::new(config(Topology::Cluster, &cluster.urls())).expect("no TLS");
    let store = Arc::new(store);
    let load = Load::start(&store, WITHIN);
    tokio::time::sleep(Duration::from_millis(300)).await;
    cluster.servers[0].kill();
    let killed = Instant::now();
    until("a replica that took over", FAILS_OVER_WITHIN, || {
        cluster.primaries().contains(&3).then_some(())
    })
    .expect("it takes over");
    cluster.wait_until_served(FAILS_OVER_WITHIN).expect("and all agree");
    let served = Instant::now();
    tokio::time::sleep(Duration::from_millis(800)).await;
    let outcomes = load.stop("kill -9 of a primary of a cluster").await;
    let (span, kinds) = outage(&outcomes);
    let last = outcomes.iter().rfind(|outcome| outcome.error.is_some()).map(|outcome| outcome.at);
    let after = last.map_or(Duration::ZERO, |last| last.saturating_duration_since(served));
    println!(
        "verified: kill -9 of one of three primaries: the cluster served all again after {:?}, the last \
         failure came {after:?} later, some keys were out for {span:?}; {kinds}",
        served - killed
    );
    assert!(outcomes.iter().any(|outcome| outcome.error.is_some()), "there was an outage");
    let meanwhile = outcomes.iter().filter(|outcome| outcome.error.is_none()).count();
    assert!(meanwhile > outcomes.len() / 4, "two thirds of the keys were served all the time");
    let tail = &outcomes[outcomes.len().saturating_sub(100)..];
    assert!(tail.iter().all(|outcome| outcome.error.is_none()), "it recovered");
    crate::operations::every_operation(&store).await;

    // The one that was killed comes back as a replica, and nothing is disturbed.
    cluster.servers[0].restart().expect("it comes back");
    until("a server that joined again", AMPLE, || {
        cluster.servers[0]
            .ask("INFO replication")
            .ok()?
            .text()?
            .contains("role:slave")
            .then_some(())
    })
    .expect("it follows");
    crate::operations::every_operation(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_of_a_cluster_that_hangs_is_replaced() {
    let cluster = Cluster::start().expect("a cluster");
    let store = RedisStore::new(config(Topology::Cluster, &cluster.urls())).expect("no TLS");
    let store = Arc::new(store);
    let load = Load::start(&store, WITHIN);
    tokio::time::sleep(Duration::from_millis(300)).await;
    cluster.servers[0].pause().expect("SIGSTOP");
    until("a replica that took over", FAILS_OVER_WITHIN, || {
        let info = cluster.servers[3].ask("INFO replication").ok()?;
        info.text()?.contains("role:master").then_some(())
    })
    .expect("it takes over");
    let took = recovery_of_every_slot(&store).await;
    println!("verified: SIGSTOP of one of three primaries: used {took:?} after the promotion");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let outcomes = load.stop("SIGSTOP of a primary of a cluster").await;
    let (span, kinds) = outage(&outcomes);
    println!(
        "verified: SIGSTOP of one of three primaries: some keys were out for {span:?}; {kinds}"
    );
    assert!(outcomes.iter().any(|outcome| outcome.error.is_some()), "there was an outage");
    // Back again it is told at once that it is a primary no more.
    cluster.servers[0].resume().expect("SIGCONT");
    cluster.wait_until_served(FAILS_OVER_WITHIN).expect("all agree");
    crate::operations::every_operation(&store).await;
}

/// How long it takes until a hundred keys in a row are stored at once.
async fn recovery_of_every_slot(store: &RedisStore) -> Duration {
    let began = Instant::now();
    let mut last = Duration::ZERO;
    for _ in 0..100 {
        if recovery(store, WITHIN).await > WITHIN {
            last = began.elapsed();
        }
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_killed_is_replaced_by_its_sentinels() {
    let mut sentinels = Sentinels::start().expect("sentinels");
    let topology = Topology::Sentinel { primary: Sentinels::PRIMARY.to_owned() };
    let store = RedisStore::new(config(topology, &sentinels.urls())).expect("no TLS");
    let store = Arc::new(store);
    let key = fresh_key();
    let stored = store.put(&key, &sealed(b"kept", HOUR), Overwrite::Refused, AMPLE).await;
    assert_eq!(stored, Ok(true));
    until("a copy at the replica", AMPLE, || {
        let keys = sentinels.servers[1].ask("DBSIZE").ok()?;
        (keys == redis_harness::Reply::Integer(1)).then_some(())
    })
    .expect("it is copied");

    let load = Load::start(&store, WITHIN);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let old = sentinels.servers[0].port();
    sentinels.servers[0].kill();
    until("another primary", FAILS_OVER_WITHIN, || {
        sentinels.primary_port().filter(|port| *port != old)
    })
    .expect("the replica is promoted");
    let took = recovery(&store, WITHIN).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let outcomes = load.stop("kill -9 of a primary under Sentinel").await;
    let (span, kinds) = outage(&outcomes);
    println!("verified: Sentinel: out for {span:?}, used {took:?} after the promotion; {kinds}");
    assert!(outcomes.iter().any(|outcome| outcome.error.is_some()), "there was an outage");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(
        store.take(&key, AMPLE).await,
        Ok(Some(b"kept".to_vec())),
        "what was copied is there"
    );

    // The old one returns, is made a replica, and the store stays with the new one.
    sentinels.servers[0].restart().expect("it comes back");
    until("a primary that became a replica", FAILS_OVER_WITHIN, || {
        let info = sentinels.servers[0].ask("INFO replication").ok()?;
        info.text()?.contains("role:slave").then_some(())
    })
    .expect("it follows");
    crate::operations::every_operation(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_demoted_while_connected_is_left() {
    let sentinels = Sentinels::start().expect("sentinels");
    let topology = Topology::Sentinel { primary: Sentinels::PRIMARY.to_owned() };
    let store = RedisStore::new(config(topology, &sentinels.urls())).expect("no TLS");
    recovery(&store, AMPLE).await;
    let old = sentinels.servers[0].port();
    sentinels.sentinels[0]
        .ask(&format!("SENTINEL FAILOVER {}", Sentinels::PRIMARY))
        .expect("begun");
    until("another primary", FAILS_OVER_WITHIN, || {
        sentinels.primary_port().filter(|port| *port != old)
    })
    .expect("the replica is promoted");
    let took = recovery(&store, WITHIN).await;
    println!("verified: Sentinel: used {took:?} after an ordered failover");
    crate::operations::every_operation(&store).await;
}

/// A sentinel of the test's own, which says that the primary is at this port.
async fn sentinel_saying(port: Arc<AtomicU16>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("redis://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let port = port.load(Ordering::Relaxed);
            let answer = format!("*2\r\n$9\r\n127.0.0.1\r\n$5\r\n{port}\r\n");
            let mut question = [0; 4096];
            if matches!(stream.read(&mut question).await, Ok(1..)) {
                let _ = stream.write_all(answer.as_bytes()).await;
                // As a sentinel does, it leaves the hanging up to whoever called.
                let _ = stream.read(&mut question).await;
            }
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_primary_is_left_and_not_believed_to_be_one() {
    let (one, other) = (Server::start(&Options::new()), Server::start(&Options::new()));
    let (one, other) = (one.expect("a server"), other.expect("a server"));
    let follow = |leader: &Server| format!("REPLICAOF 127.0.0.1 {}", leader.port());
    let said = Arc::new(AtomicU16::new(one.port()));
    let url = sentinel_saying(Arc::clone(&said)).await;
    let topology = Topology::Sentinel { primary: "any".to_owned() };
    let store = RedisStore::new(config(topology, &[url])).expect("no TLS");
    let (key, value) = (fresh_key(), sealed(b"value", HOUR));
    assert_eq!(store.put(&key, &value, Overwrite::Allowed, AMPLE).await, Ok(true));

    // Demoted with its connections kept: the refusal itself leads to the other one.
    one.ask(&follow(&other)).expect("demoted");
    said.store(other.port(), Ordering::Relaxed);
    assert_eq!(store.put(&key, &value, Overwrite::Refused, AMPLE).await, Ok(true));
    assert_eq!(other.ask("DBSIZE").expect("a count"), redis_harness::Reply::Integer(1));

    // And back, but the sentinel has not heard of it yet.
    one.ask("REPLICAOF NO ONE").expect("promoted");
    other.ask(&follow(&one)).expect("demoted");
    let answer = store.put(&key, &value, Overwrite::Allowed, AMPLE).await;
    assert_eq!(answer, Err(StoreError::Unavailable("the primary is none any more")));
    said.store(one.port(), Ordering::Relaxed);
    recovery(&store, AMPLE).await;
}
