//! A store that answers what it should not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use resumption_callbacks::{ExternalStore, Overwrite, Put, StoreError};
use resumption_redis::{RedisConfig, RedisStore, Topology};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{AMPLE, HOUR, Lateness, fresh_key, sealed, standalone};

const WITHIN: Duration = Duration::from_millis(200);

/// A server that answers the first request with `+PONG`, as the store expects of a server that is well, and
/// everything after it with `nonsense`.
async fn answering(nonsense: impl Into<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("redis://{}", listener.local_addr().expect("bound"));
    let nonsense = nonsense.into();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let nonsense = nonsense.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let mut answer: &[u8] = b"+PONG\r\n";
                while matches!(stream.read(&mut request).await, Ok(1..)) {
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                    answer = &nonsense;
                }
            });
        }
    });
    url
}

async fn malformed(url: &str, lateness: &Lateness) {
    let store = standalone(url);
    let (key, value) = (fresh_key(), sealed(b"value", HOUR));
    let puts = vec![Put { key, value: value.clone(), overwrite: Overwrite::Allowed }];
    // Each failure is followed by a pause, in which the failure is the answer to everything.
    for _ in 0..3 {
        let answers = [
            lateness.of(WITHIN, store.get(&key, WITHIN)).await.map(|_| ()),
            lateness.of(WITHIN, store.take(&key, WITHIN)).await.map(|_| ()),
            lateness.of(WITHIN, store.remove(&key, WITHIN)).await.map(|_| ()),
            lateness
                .of(WITHIN, store.put(&key, &value, Overwrite::Allowed, WITHIN))
                .await
                .map(|_| ()),
            lateness.of(WITHIN, store.put_all(&puts, WITHIN)).await.remove(0).map(|_| ()),
        ];
        for answer in answers {
            assert!(matches!(answer, Err(StoreError::Malformed(_))), "{answer:?}");
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_none_are_malformed() {
    let lateness = Lateness::default();
    let nonsense: [&[u8]; 7] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\xFF\xFF\xFF\xFF",
        b":42\r\n",
        b"*2\r\n$1\r\na\r\n$1\r\nb\r\n",
        b"+QUEUED\r\n",
        b"$3\r\nabcdef\r\n",
    ];
    for bytes in nonsense {
        malformed(&answering(bytes).await, &lateness).await;
    }
    lateness.check("garbage");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_refused_when_it_is_announced() {
    let lateness = Lateness::default();
    let endless = |announced: &str| [announced.as_bytes(), vec![b'x'; 100_000].as_slice()].concat();
    for announced in ["$9223372036854775807\r\n", "$65537\r\n", "*1000000000\r\n", "+"] {
        malformed(&answering(endless(announced)).await, &lateness).await;
    }
    malformed(&answering(b"*1\r\n".repeat(100)).await, &lateness).await;
    lateness.check("answers without end");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_answer_to_another_question_the_connection_is_not_used_again() {
    // `GET` is answered with a number, and everything after that with what was asked before it.
    let store = standalone(&answering(b":1\r\n".as_slice()).await);
    let key = fresh_key();
    assert!(store.get(&key, WITHIN).await.is_err());
    // On the old connection the number would now be the answer to this.
    let removed = store.remove(&key, WITHIN).await;
    assert!(matches!(removed, Err(StoreError::Malformed(_))), "{removed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_greets_and_hangs_up_is_not_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("redis://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            // The greeting and the end of the connection come together.
            let _ = stream.write_all(b"+PONG\r\n").await;
        }
    });
    for _ in 0..20 {
        let store = standalone(&url);
        for _ in 0..3 {
            let answer = store.get(&fresh_key(), WITHIN).await;
            assert_eq!(answer, Err(StoreError::Unavailable("the connection ended")));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_clears_a_server_of_what_was_before() {
    // Every second connection ends upon its first request, the others after one answer.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("redis://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let answers: &[&[u8]] = &[b"+PONG\r\n", b"$-1\r\n"];
            let mut request = [0; 4096];
            for answer in &answers[..=number % 2] {
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer).await;
            }
            let _ = stream.read(&mut request).await;
        }
    });
    let (store, key) = (standalone(&url), fresh_key());
    for _ in 0..10 {
        // The first of the two connections fails by chance, as far as anybody can tell.
        assert_eq!(store.get(&key, AMPLE).await, Ok(None));
        let lost = store.take(&key, AMPLE).await;
        assert_eq!(lost, Err(StoreError::Unavailable("the connection ended")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_every_kind_are_errors() {
    let lateness = Lateness::default();
    for (error, expected) in [
        ("-ERR something new", "refused"),
        ("-NEWCODE something new", "refused"),
        ("-LOADING the dataset", "unavailable"),
        ("-MOVED 1 127.0.0.1:1", "refused"),
        ("-ASK", "malformed"),
        ("-", "refused"),
    ] {
        let store = standalone(&answering(format!("{error}\r\n")).await);
        let key = fresh_key();
        let answer = lateness.of(WITHIN, store.get(&key, WITHIN)).await.expect_err(error);
        assert_eq!(answer.as_str(), expected, "{error}");
    }
    lateness.check("errors");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_sends_round_in_circles_is_left() {
    // The map names the server itself, and every request after that is sent on to itself.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut request = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut request).await {
                    // Several requests may come at once; each begins with an asterisk.
                    let text = String::from_utf8_lossy(&request[..read]);
                    let answers = text.split('*').skip(1).map(|request| {
                        if request.contains("PING") {
                            return "+PONG\r\n".to_owned();
                        }
                        if request.contains("SLOTS") {
                            return format!(
                                "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:{port}\r\n"
                            );
                        }
                        counter.fetch_add(1, Ordering::Relaxed);
                        format!("-MOVED 1 127.0.0.1:{port}\r\n")
                    });
                    let answer = answers.collect::<Vec<_>>().concat();
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let config = RedisConfig::new(Topology::Cluster, [format!("redis://127.0.0.1:{port}")]);
    let store = RedisStore::new(config.expect("valid")).expect("no TLS");
    let answer = store.get(&fresh_key(), AMPLE).await;
    assert_eq!(answer, Err(StoreError::Unavailable("the key is moved about")));
    assert_eq!(asked.load(Ordering::Relaxed), 4, "one, and three redirections");
    let answer = store.remove_all(&[fresh_key()], AMPLE).await;
    assert_eq!(answer, [Err(StoreError::Unavailable("the key is moved about"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cluster_where_one_is_expected_is_an_error() {
    for nonsense in ["-ERR This instance has cluster support disabled\r\n", "*0\r\n", "+OK\r\n"] {
        let url = answering(nonsense).await;
        let config = RedisConfig::new(Topology::Cluster, [url]).expect("valid");
        let store = RedisStore::new(config).expect("no TLS");
        let error = store.get(&fresh_key(), AMPLE).await.expect_err(nonsense);
        assert!(matches!(error, StoreError::Refused(_) | StoreError::Malformed(_)), "{error:?}");
    }
}
