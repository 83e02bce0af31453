//! Single use is exactly once.

use std::sync::Arc;

use redis_harness::Options;
use resumption_callbacks::{ExternalStore, Overwrite};
use resumption_redis::RedisStore;
use tokio::task::JoinSet;

use crate::support::{AMPLE, HOUR, fresh_key, sealed, served, standalone};

/// Two servers of a fleet, each with a store of its own, want the same session, again and again.
pub(crate) async fn takers_race(one: &RedisStore, other: &RedisStore) {
    for round in 0..300_u32 {
        let (key, value) = (fresh_key(), round.to_be_bytes());
        let stored = one.put(&key, &sealed(&value, HOUR), Overwrite::Refused, AMPLE).await;
        assert_eq!(stored, Ok(true));
        let (first, second) = tokio::join!(one.take(&key, AMPLE), other.take(&key, AMPLE));
        let (first, second) = (first.expect("an answer"), second.expect("an answer"));
        let winners = [&first, &second].into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(winners, [&value.to_vec()], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_takers_one_winner() {
    let (server, one) = served(&Options::new());
    takers_race(&one, &standalone(&server.url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_takers_on_four_servers_one_wins() {
    let (server, store) = served(&Options::new());
    let mut stores: Vec<_> = (0..3).map(|_| Arc::new(standalone(&server.url()))).collect();
    stores.push(Arc::new(store));
    for round in 0..50 {
        let (key, value) = (fresh_key(), sealed(b"once", HOUR));
        let stored = stores[0].put(&key, &value, Overwrite::Refused, AMPLE).await;
        assert_eq!(stored, Ok(true));
        let mut takers = JoinSet::new();
        for number in 0..64 {
            let store = Arc::clone(&stores[number % stores.len()]);
            takers.spawn(async move { store.take(&key, AMPLE).await.expect("an answer") });
        }
        let winners = takers.join_all().await.into_iter().flatten().count();
        assert_eq!(winners, 1, "round {round}");
    }
}
