//! Every operation, on every topology.

use std::time::Duration;

use redis_harness::{Certificates, Cluster, Options, Reply, Sentinels, Server};
use resumption_callbacks::{ExternalStore, Overwrite, Put, StoreError, StoreKey};
use resumption_redis::{Credentials, RedisStore, Topology};
use rustls_pki_types::CertificateDer;

use crate::support::{AMPLE, HOUR, config, fresh_key, name_of, sealed, served, standalone};

/// What the documentation says that a user of the store needs.
const ALLOWED: &str = "~resumption:* +get +set +getdel +del +ping";

/// What every store does.
pub(crate) async fn every_operation(store: &RedisStore) {
    let key = fresh_key();
    let (one, two) = (sealed(b"one\r\n\0\xFF", HOUR), sealed(b"two", HOUR));
    assert_eq!(store.get(&key, AMPLE).await, Ok(None));
    assert_eq!(store.take(&key, AMPLE).await, Ok(None));
    assert_eq!(store.remove(&key, AMPLE).await, Ok(false));

    assert_eq!(store.put(&key, &one, Overwrite::Refused, AMPLE).await, Ok(true));
    assert_eq!(store.put(&key, &two, Overwrite::Refused, AMPLE).await, Ok(false), "it stays");
    assert_eq!(store.get(&key, AMPLE).await, Ok(Some(one.bytes().to_vec())));
    assert_eq!(store.put(&key, &two, Overwrite::Allowed, AMPLE).await, Ok(true));
    assert_eq!(store.get(&key, AMPLE).await, Ok(Some(b"two".to_vec())), "and stays there");

    assert_eq!(store.take(&key, AMPLE).await, Ok(Some(b"two".to_vec())));
    assert_eq!(store.take(&key, AMPLE).await, Ok(None), "once");
    assert_eq!(store.get(&key, AMPLE).await, Ok(None));

    assert_eq!(store.put(&key, &one, Overwrite::Refused, AMPLE).await, Ok(true));
    assert_eq!(store.remove(&key, AMPLE).await, Ok(true));
    assert_eq!(store.get(&key, AMPLE).await, Ok(None));
    many_at_once(store).await;
}

/// More than goes into one pipeline, and on a cluster to each of its servers.
async fn many_at_once(store: &RedisStore) {
    let puts: Vec<_> = (0..300_u16)
        .map(|number| Put {
            key: fresh_key(),
            value: sealed(&number.to_be_bytes(), HOUR),
            overwrite: Overwrite::Refused,
        })
        .collect();
    let stored = store.put_all(&puts, AMPLE).await;
    assert_eq!(stored, vec![Ok(true); 300]);
    for put in &puts {
        assert_eq!(store.get(&put.key, AMPLE).await, Ok(Some(put.value.bytes().to_vec())));
    }
    assert_eq!(store.put_all(&puts, AMPLE).await, vec![Ok(false); 300], "they stay");
    let mut keys: Vec<_> = puts.iter().map(|put| put.key).collect();
    let absent = fresh_key();
    keys.insert(150, absent);
    let removed = store.remove_all(&keys, AMPLE).await;
    for (key, removed) in keys.iter().zip(removed) {
        assert_eq!(removed, Ok(*key != absent));
    }
    assert_eq!(store.put_all(&[], AMPLE).await, vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_does_everything() {
    let (server, store) = served(&Options::new());
    every_operation(&store).await;
    // The second database of the same server is another store.
    let other = standalone(&format!("{}/1", server.url()));
    every_operation(&other).await;
    let key = fresh_key();
    assert_eq!(store.put(&key, &sealed(b"x", HOUR), Overwrite::Refused, AMPLE).await, Ok(true));
    assert_eq!(other.get(&key, AMPLE).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_kept_for_its_time_to_live_and_no_longer_than_allowed() {
    let server = Server::start(&Options::new()).expect("a server");
    let bounded = config(Topology::Standalone, &[server.url()]);
    let bounded = bounded.longest_time_to_live(Duration::from_secs(60)).expect("allowed");
    let store = RedisStore::new(bounded).expect("no TLS");
    let left = |key: &StoreKey| match server.ask(&format!("PTTL {}", name_of(key))) {
        Ok(Reply::Integer(milliseconds)) => milliseconds,
        other => panic!("{other:?}"),
    };
    let put = async |time_to_live| {
        let key = fresh_key();
        let value = sealed(b"value", time_to_live);
        (key, store.put(&key, &value, Overwrite::Allowed, AMPLE).await)
    };

    let (key, stored) = put(Duration::from_secs(30)).await;
    assert_eq!(stored, Ok(true));
    assert!((20_000..=30_000).contains(&left(&key)), "{}", left(&key));
    let (key, stored) = put(Duration::MAX).await;
    assert_eq!(stored, Ok(true));
    assert!((50_000..=60_000).contains(&left(&key)), "{}", left(&key));

    // What has ended before it is stored is not stored.
    for nothing in [Duration::ZERO, Duration::from_micros(999)] {
        let (key, stored) = put(nothing).await;
        assert_eq!(stored, Ok(false));
        assert_eq!(left(&key), -2, "no such key");
    }
    let (key, stored) = put(Duration::from_millis(1)).await;
    assert_eq!(stored, Ok(true));
    redis_harness::until("the end of a session", AMPLE, || (left(&key) == -2).then_some(()))
        .expect("Redis forgets it");
    assert_eq!(store.get(&key, AMPLE).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_too_large_is_neither_stored_nor_accepted() {
    let server = Server::start(&Options::new()).expect("a server");
    let bounded = config(Topology::Standalone, &[server.url()]).largest_value(1000);
    let store = RedisStore::new(bounded.expect("allowed")).expect("no TLS");
    let (key, fits, large) = (fresh_key(), sealed(&[7; 1000], HOUR), sealed(&[7; 1001], HOUR));
    assert_eq!(store.put(&key, &fits, Overwrite::Allowed, AMPLE).await, Ok(true));
    assert_eq!(store.get(&key, AMPLE).await, Ok(Some(vec![7; 1000])));
    let refused = store.put(&key, &large, Overwrite::Allowed, AMPLE).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    let puts = [
        Put { key: fresh_key(), value: large, overwrite: Overwrite::Allowed },
        Put { key, value: fits, overwrite: Overwrite::Allowed },
    ];
    assert_eq!(store.put_all(&puts, AMPLE).await, [refused, Ok(true)]);

    // Somebody else put more there.
    server.ask(&format!("SET {} {}", name_of(&key), "x".repeat(1001))).expect("stored");
    let refused = store.get(&key, AMPLE).await;
    assert_eq!(refused, Err(StoreError::Malformed("a reply is too large")));
    assert_eq!(store.get(&fresh_key(), AMPLE).await, Ok(None), "on a new connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_open_and_wrong_ones_do_not() {
    let server = Server::start(&Options::new().password("s3same")).expect("a server");
    server.ask(&format!("ACL SETUSER me on >mine {ALLOWED}")).expect("ACL");
    let port = server.port();
    for fine in ["redis://:s3same@", "redis://default:s3same@", "redis://me:mine@"] {
        every_operation(&standalone(&format!("{fine}127.0.0.1:{port}"))).await;
    }
    let separate =
        config(Topology::Standalone, &[server.url()]).credentials(Credentials::user("me", "mine"));
    every_operation(&RedisStore::new(separate).expect("no TLS")).await;

    for wrong in ["redis://", "redis://:wr0ng@", "redis://me:s3same@", "redis://nobody:s3same@"] {
        let store = standalone(&format!("{wrong}127.0.0.1:{port}"));
        let error = store.get(&fresh_key(), AMPLE).await.expect_err(wrong);
        assert_eq!(error, StoreError::Refused("wrong or missing credentials"), "{wrong}");
        let shown = format!("{error} {error:?} {store:?}");
        assert!(!shown.contains("wr0ng") && !shown.contains("s3same"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_is_reached_by_tls_and_has_to_be_trusted() {
    let certificates = Certificates::new().expect("certificates");
    let server = Server::start(&Options::new().password("s3same").tls(&certificates));
    let server = server.expect("a server with TLS");
    let tls_port = server.tls_port().expect("it has one");
    let at = |port| config(Topology::Standalone, &[format!("rediss://:s3same@127.0.0.1:{port}")]);
    let trusting = |certificates: &Certificates, port| {
        let authority = CertificateDer::from(certificates.authority().to_vec());
        RedisStore::new(at(port).authorities([authority]).expect("an authority")).expect("trusts")
    };
    every_operation(&trusting(&certificates, tls_port)).await;

    let strange = trusting(&Certificates::new().expect("others"), tls_port);
    let error = strange.get(&fresh_key(), AMPLE).await;
    assert_eq!(error, Err(StoreError::Refused("the store's certificate is not trusted")));
    // A server that speaks no TLS, and a store that does not.
    let clear = trusting(&certificates, server.port()).get(&fresh_key(), AMPLE).await;
    assert!(
        matches!(clear, Err(StoreError::Malformed(_) | StoreError::Unavailable(_))),
        "{clear:?}"
    );
    let clear = standalone(&format!("redis://127.0.0.1:{tls_port}")).get(&fresh_key(), AMPLE).await;
    assert!(
        matches!(clear, Err(StoreError::Malformed(_) | StoreError::Unavailable(_))),
        "{clear:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_lead_to_their_primary() {
    let sentinels = Sentinels::start().expect("sentinels");
    let topology = |primary: &str| Topology::Sentinel { primary: primary.to_owned() };
    for server in &sentinels.servers {
        server.ask(&format!("ACL SETUSER me on >mine {ALLOWED} +role")).expect("ACL");
    }
    let by_name = config(topology(Sentinels::PRIMARY), &sentinels.urls());
    let by_name = by_name.credentials(Credentials::user("me", "mine"));
    every_operation(&RedisStore::new(by_name).expect("no TLS")).await;

    let unknown = RedisStore::new(config(topology("other"), &sentinels.urls())).expect("no TLS");
    let error = unknown.get(&fresh_key(), AMPLE).await;
    assert_eq!(error, Err(StoreError::Unavailable("the sentinels know no such primary")));
    // Servers that are no sentinels.
    let servers: Vec<_> = sentinels.servers.iter().map(Server::url).collect();
    let confused = RedisStore::new(config(topology("tls"), &servers)).expect("no TLS");
    let error = confused.get(&fresh_key(), AMPLE).await;
    assert!(matches!(error, Err(StoreError::Refused(_))), "{error:?}");
    // A replica, by itself, stores nothing.
    let replica = standalone(&sentinels.servers[1].url());
    let error = replica.put(&fresh_key(), &sealed(b"x", HOUR), Overwrite::Allowed, AMPLE).await;
    assert_eq!(error, Err(StoreError::Refused("read-only")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_one_store_while_its_slots_move_too() {
    let cluster = Cluster::start().expect("a cluster");
    for server in &cluster.servers {
        let me = format!("ACL SETUSER me on >mine {ALLOWED} +asking +cluster|slots");
        server.ask(&me).expect("ACL");
    }
    let ours = config(Topology::Cluster, &cluster.urls());
    let ours = ours.credentials(Credentials::user("me", "mine"));
    let store = RedisStore::new(ours).expect("no TLS");
    every_operation(&store).await;
    // One server leads to the others, a replica too.
    let one = RedisStore::new(config(Topology::Cluster, &cluster.urls()[5..])).expect("no TLS");
    every_operation(&one).await;
    let taken_for_one = standalone(&cluster.servers[0].url());
    let mut refusals = 0;
    for _ in 0..20 {
        let answer = taken_for_one.get(&fresh_key(), AMPLE).await;
        refusals += u32::from(matches!(answer, Err(StoreError::Refused(_))));
    }
    assert!(refusals > 0, "a cluster taken for one server says so");

    moving_slots(&cluster, &store).await;
    crate::races::takers_race(&store, &one).await;
}

/// A slot on its way from one primary to another (ASK), and arrived (MOVED).
async fn moving_slots(cluster: &Cluster, store: &RedisStore) {
    let (from, to) = (&cluster.servers[0], &cluster.servers[1]);
    let id = |server: &Server| {
        let id = server.ask("CLUSTER MYID").expect("an id");
        id.text().expect("text").to_owned()
    };
    let (from_id, to_id) = (id(from), id(to));
    // A key of the first primary.
    let (key, slot) = loop {
        let key = fresh_key();
        match from.ask(&format!("CLUSTER KEYSLOT {}", name_of(&key))) {
            Ok(Reply::Integer(slot)) if slot < 16384 / 3 => break (key, slot),
            Ok(Reply::Integer(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    to.ask(&format!("CLUSTER SETSLOT {slot} IMPORTING {from_id}")).expect("importing");
    from.ask(&format!("CLUSTER SETSLOT {slot} MIGRATING {to_id}")).expect("migrating");
    let value = sealed(b"on its way", HOUR);
    assert_eq!(store.put(&key, &value, Overwrite::Refused, AMPLE).await, Ok(true));
    let at =
        |server: &Server| server.ask(&format!("CLUSTER COUNTKEYSINSLOT {slot}")).expect("count");
    assert_eq!((at(from), at(to)), (Reply::Integer(0), Reply::Integer(1)), "it was sent along");
    assert_eq!(store.get(&key, AMPLE).await, Ok(Some(b"on its way".to_vec())));

    for server in [to, from] {
        server.ask(&format!("CLUSTER SETSLOT {slot} NODE {to_id}")).expect("moved");
    }
    assert_eq!(store.remove_all(&[key], AMPLE).await, [Ok(true)], "in a pipeline");
    assert_eq!(store.put(&key, &value, Overwrite::Refused, AMPLE).await, Ok(true));
    assert_eq!(store.take(&key, AMPLE).await, Ok(Some(b"on its way".to_vec())));
}
