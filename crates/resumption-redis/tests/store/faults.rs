//! A store that is slow, full, dead, or comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use redis_harness::{Options, Server, free_port};
use resumption_callbacks::{ExternalStore, Overwrite, Put, StoreError};
use resumption_redis::RedisStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{
    AMPLE, Cut, HOUR, Lateness, Load, fresh_key, outage, proxy, recovery, sealed, served,
    standalone,
};

/// What a handshake can spare.
const WITHIN: Duration = Duration::from_millis(50);

/// Every operation once; the errors they end with.
async fn errors(store: &RedisStore, lateness: &Lateness) -> Vec<StoreError> {
    let (key, value) = (fresh_key(), sealed(b"value", HOUR));
    let puts = vec![Put { key, value: value.clone(), overwrite: Overwrite::Allowed }; 3];
    let mut errors = vec![
        lateness.of(WITHIN, store.get(&key, WITHIN)).await.expect_err("get"),
        lateness.of(WITHIN, store.take(&key, WITHIN)).await.expect_err("take"),
        lateness.of(WITHIN, store.remove(&key, WITHIN)).await.expect_err("remove"),
    ];
    for overwrite in [Overwrite::Allowed, Overwrite::Refused] {
        let put = store.put(&key, &value, overwrite, WITHIN);
        errors.push(lateness.of(WITHIN, put).await.expect_err("put"));
    }
    let all = lateness.of(WITHIN, store.put_all(&puts, WITHIN)).await;
    errors.extend(all.into_iter().map(|answer| answer.expect_err("put_all")));
    let all = lateness.of(WITHIN, store.remove_all(&[key, fresh_key()], WITHIN)).await;
    errors.extend(all.into_iter().map(|answer| answer.expect_err("remove_all")));
    errors
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_down_from_the_start_fails_at_once_and_is_used_when_it_comes() {
    let (mut server, _) = served(&Options::new());
    server.kill();
    let store = standalone(&server.url());
    let lateness = Lateness::default();
    let began = Instant::now();
    for _ in 0..20 {
        for error in errors(&store, &lateness).await {
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        }
    }
    println!("verified: 140 operations on a store that is down took {:?}", began.elapsed());
    lateness.check("down from the start");
    server.restart().expect("it comes");
    let took = recovery(&store, WITHIN).await;
    println!("verified: down from the start: used {took:?} after it came");
    assert!(took < Duration::from_secs(2), "a pause is a second at most: {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_answer_costs_no_more_than_the_deadline() {
    // A listener that accepts nothing: the kernel completes the connection, and no byte ever comes.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let store = standalone(&format!("redis://{}", silent.local_addr().expect("bound")));
    let lateness = Lateness::default();
    for error in errors(&store, &lateness).await {
        assert!(matches!(error, StoreError::TimedOut(_)), "{error:?}");
    }
    lateness.check("a silent host");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_restarts_is_used_again() {
    let (mut server, store) = served(&Options::new());
    let store = Arc::new(store);
    let load = Load::start(&store, WITHIN);
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.kill();
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.restart().expect("it comes back");
    let took = recovery(&store, WITHIN).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let outcomes = load.stop("kill -9 and restart").await;
    let (span, kinds) = outage(&outcomes);
    println!("verified: restart: used {took:?} after it came back; out for {span:?}; {kinds}");
    assert!(outcomes.iter().any(|outcome| outcome.error.is_some()), "there was an outage");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(outcomes.last().is_some_and(|last| last.error.is_none()), "{:?}", outcomes.last());
    for error in outcomes.iter().filter_map(|outcome| outcome.error) {
        let expected = matches!(error, StoreError::Unavailable(_) | StoreError::TimedOut(_));
        assert!(expected, "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stops_for_two_seconds_is_waited_for_by_deadlines_only() {
    let (server, store) = served(&Options::new());
    let store = Arc::new(store);
    let load = Load::start(&store, WITHIN);
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.pause().expect("SIGSTOP");
    tokio::time::sleep(Duration::from_secs(2)).await;
    server.resume().expect("SIGCONT");
    let took = recovery(&store, WITHIN).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let outcomes = load.stop("SIGSTOP for 2 s").await;
    let (span, kinds) = outage(&outcomes);
    println!("verified: SIGSTOP for 2 s: used {took:?} after SIGCONT; out for {span:?}; {kinds}");
    assert!(span > Duration::from_secs(1), "there was an outage: {span:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(outcomes.last().is_some_and(|last| last.error.is_none()), "{:?}", outcomes.last());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_drops_in_the_middle_of_a_reply_loses_one_answer() {
    let (server, direct) = served(&Options::new());
    // `+PONG` has 7 bytes; on every second connection the first reply after it breaks off in its value.
    let getting = proxy(server.port(), Cut::Close, 2, 12).await;
    let taking = proxy(server.port(), Cut::Close, 2, 12).await;
    // `+OK` has 5 bytes.
    let putting = proxy(server.port(), Cut::Close, 2, 10).await;
    let lateness = Lateness::default();
    let mut broken = 0;
    for round in 0..30 {
        let (key, value) = (fresh_key(), vec![9; 100]);
        let stored = direct.put(&key, &sealed(&value, HOUR), Overwrite::Allowed, AMPLE).await;
        assert_eq!(stored, Ok(true));
        // New connections in each round.
        let (getting, taking) = (standalone(&getting), standalone(&taking));
        let putting = standalone(&putting);
        // A get is repeated on the next connection, which is whole.
        let got = lateness.of(AMPLE, getting.get(&key, AMPLE)).await;
        assert_eq!(got, Ok(Some(value.clone())), "round {round}");
        // A take is not: nobody has the session then, and nobody else gets it.
        match lateness.of(AMPLE, taking.take(&key, AMPLE)).await {
            Ok(taken) => assert_eq!(taken, Some(value)),
            Err(error) => {
                broken += 1;
                assert_eq!(error, StoreError::Unavailable("the connection ended"));
                assert_eq!(direct.take(&key, AMPLE).await, Ok(None), "it was taken");
            }
        }
        // Nor is a put, which could bring back what was taken meanwhile; here it was done.
        let another = sealed(b"put", HOUR);
        let put = putting.put(&key, &another, Overwrite::Allowed, AMPLE);
        match lateness.of(AMPLE, put).await {
            Ok(stored) => assert!(stored && round % 2 == 1),
            Err(error) => assert_eq!(error, StoreError::Unavailable("the connection ended")),
        }
        assert_eq!(direct.take(&key, AMPLE).await, Ok(Some(b"put".to_vec())));
    }
    println!("verified: cut in the middle of a reply: {broken} of 30 takes lost their answer");
    assert_eq!(broken, 15, "every second connection is cut");
    lateness.check("cut in the middle of a reply");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_slow_is_not_silent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("redis://{}", listener.local_addr().expect("bound"));
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    // Answers each request a little too late.
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let (mut request, mut answer): ([u8; 4096], &[u8]) = ([0; 4096], b"+PONG\r\n");
                while matches!(stream.read(&mut request).await, Ok(1..)) {
                    let _ = stream.write_all(answer).await;
                    tokio::time::sleep(2 * WITHIN).await;
                    answer = b"$-1\r\n";
                }
            });
        }
    });
    let (store, lateness) = (standalone(&url), Lateness::default());
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(2) {
        let answer = lateness.of(WITHIN, store.get(&fresh_key(), WITHIN)).await;
        assert!(matches!(answer, Err(StoreError::TimedOut(_)) | Ok(None)), "{answer:?}");
        tokio::time::sleep(WITHIN).await;
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1, "it was not given up");
    lateness.check("a slow store");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_full_refuses_and_still_answers() {
    let options = Options::new().with("maxmemory", "3mb").with("maxmemory-policy", "noeviction");
    let (server, store) = served(&options);
    let large = sealed(&vec![1; 32 << 10], HOUR);
    let mut kept = Vec::new();
    let refused = loop {
        let key = fresh_key();
        match store.put(&key, &large, Overwrite::Refused, AMPLE).await {
            Ok(true) => kept.push(key),
            other => break other,
        }
        assert!(kept.len() < 1000, "3 MB hold no 1000 of 32 KiB");
    };
    assert_eq!(refused, Err(StoreError::Refused("the store is full")));
    let puts: Vec<_> = (0..3)
        .map(|_| Put { key: fresh_key(), value: large.clone(), overwrite: Overwrite::Allowed })
        .collect();
    assert_eq!(
        store.put_all(&puts, AMPLE).await,
        vec![Err(StoreError::Refused("the store is full")); 3]
    );
    assert_eq!(store.get(&kept[0], AMPLE).await, Ok(Some(large.bytes().to_vec())));
    let removed = store.remove_all(&kept, AMPLE).await;
    assert_eq!(removed, vec![Ok(true); kept.len()]);
    redis_harness::until("freed memory", AMPLE, || {
        server.ask("MEMORY PURGE").ok()?;
        server.ask("SET probe x").ok()
    })
    .expect("there is room again");
    let stored = store.put(&fresh_key(), &large, Overwrite::Refused, AMPLE).await;
    assert_eq!(stored, Ok(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_until_it_is_right() {
    let server = Server::start(&Options::new().password("s3same")).expect("a server");
    let store = standalone(&format!("redis://:0ther@127.0.0.1:{}", server.port()));
    let lateness = Lateness::default();
    for error in errors(&store, &lateness).await {
        assert_eq!(error, StoreError::Refused("wrong or missing credentials"));
    }
    lateness.check("wrong password");
    server.ask("ACL SETUSER default >0ther").expect("a second password");
    let took = recovery(&store, WITHIN).await;
    println!("verified: wrong password: used {took:?} after it became right");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_falls_silent_is_given_up_after_a_second() {
    let (server, _) = served(&Options::new());
    // `+PONG`, and a bit of the first answer. Only the first connection: the next is whole.
    let store = standalone(&proxy(server.port(), Cut::Hush, usize::MAX, 9).await);
    let (lateness, key, began) = (Lateness::default(), fresh_key(), Instant::now());
    let mut silent = 0;
    while let Err(error) = lateness.of(WITHIN, store.get(&key, WITHIN)).await {
        assert!(matches!(error, StoreError::TimedOut(_)), "{error:?}");
        silent += 1;
        assert!(began.elapsed() < AMPLE, "it is asked for ever");
        // A pause, as the first connection never answered anything, and as handshakes come.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = began.elapsed();
    println!("verified: a silent connection: given up after {took:?} and {silent} operations");
    assert!(took >= Duration::from_secs(1), "slow is not silent: {took:?}");
    lateness.check("a silent connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_clients_are_not_a_wrong_password() {
    let options = Options::new().password("s3same").with("maxclients", "1");
    let server = Server::start(&options).expect("a server");
    let url = format!("redis://:s3same@127.0.0.1:{}", server.port());
    let (first, second) = (standalone(&url), standalone(&url));
    recovery(&first, AMPLE).await;
    // The server says so and hangs up at once, which may overtake what it says.
    let error = second.get(&fresh_key(), AMPLE).await;
    assert!(matches!(error, Err(StoreError::Unavailable(_))), "{error:?}");
    drop(first);
    recovery(&second, AMPLE).await;
}

#[test]
fn outside_a_runtime_an_operation_is_an_error_and_not_a_panic() {
    let store = standalone(&format!("redis://127.0.0.1:{}", free_port().expect("a port")));
    let key = fresh_key();
    let mut get = store.get(&key, WITHIN);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let answer = get.as_mut().poll(&mut context);
    assert_eq!(
        answer,
        std::task::Poll::Ready(Err(StoreError::Unavailable("not in a tokio runtime")))
    );
}

#[test]
fn a_runtime_that_ends_takes_its_connections_along_and_the_next_has_its_own() {
    let (_server, store) = served(&Options::new());
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let answer = runtime.expect("a runtime").block_on(async {
            // The first attempt may find the connection of the runtime that ended.
            recovery(&store, AMPLE).await;
            store.get(&fresh_key(), AMPLE).await
        });
        assert_eq!(answer, Ok(None));
    }
}
