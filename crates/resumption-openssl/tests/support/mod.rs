//! Handshakes in memory: OpenSSL on both sides, and no sockets.
#![allow(dead_code, reason = "each test binary uses its own part")]

mod wire;

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, OnceLock};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    Error, ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslSession,
    SslSessionCacheMode, SslStream, SslVerifyMode, SslVersion,
};
use openssl::x509::{X509, X509NameBuilder};
use resumption_cache::{Context, ManualClock, SessionCache};
use resumption_openssl::{Attached, OpensslCache};
use resumption_session::{SessionIdContext, Timestamp};
pub(crate) use wire::{End, pair};

pub(crate) const VERSIONS: [SslVersion; 2] = [SslVersion::TLS1_2, SslVersion::TLS1_3];

/// A certificate that signs itself, and its key.
pub(crate) fn identity() -> (X509, PKey<Private>) {
    static ONE: OnceLock<(X509, PKey<Private>)> = OnceLock::new();
    ONE.get_or_init(|| {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_nid(Nid::COMMONNAME, "localhost").unwrap();
        let name = name.build();
        let mut made = X509::builder().unwrap();
        made.set_version(2).unwrap();
        made.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
        made.set_subject_name(&name).unwrap();
        made.set_issuer_name(&name).unwrap();
        made.set_pubkey(&key).unwrap();
        made.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        made.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
        made.sign(&key, MessageDigest::sha256()).unwrap();
        (made.build(), key)
    })
    .clone()
}

/// A cache on a clock that the test moves, and that clock.
pub(crate) fn cache_and_clock() -> (SessionCache, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
    let cache = SessionCache::builder().clock(clock.clone()).build().unwrap();
    (cache, clock)
}

pub(crate) fn context(cache: &SessionCache, name: &[u8]) -> Context {
    cache.context(SessionIdContext::new(name).unwrap()).unwrap()
}

/// A server of this version, attached to this cache with all defaults.
pub(crate) fn attached(version: SslVersion, cache: &SessionCache) -> (SslContext, Attached) {
    attached_with(version, cache, |_| (), |adapter| adapter)
}

/// The same, with something else configured before, and another adapter.
pub(crate) fn attached_with(
    version: SslVersion,
    cache: &SessionCache,
    configure: impl FnOnce(&mut SslContextBuilder),
    adapt: impl FnOnce(OpensslCache) -> OpensslCache,
) -> (SslContext, Attached) {
    let mut server = server(version);
    configure(&mut server);
    let adapter = adapt(OpensslCache::builder(context(cache, b"test")));
    let attached = adapter.attach(&mut server).unwrap();
    (server.build(), attached)
}

/// A server of this version alone, to be attached by the test.
pub(crate) fn server(version: SslVersion) -> SslContextBuilder {
    let (certificate, key) = identity();
    let mut server = SslContext::builder(SslMethod::tls_server()).unwrap();
    server.set_min_proto_version(Some(version)).unwrap();
    server.set_max_proto_version(Some(version)).unwrap();
    server.set_certificate(&certificate).unwrap();
    server.set_private_key(&key).unwrap();
    server
}

/// A client, and what servers gave it to come back with.
pub(crate) struct Client {
    pub(crate) ctx: SslContext,
    // As bytes: libssl spoils the session object of a connection that is closed uncleanly.
    sessions: Arc<Mutex<Vec<Vec<u8>>>>,
    pub(crate) server_name: Option<String>,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    /// One that asks for this server.
    pub(crate) fn of(host: &str) -> Self {
        let mut client = Self::new();
        client.server_name = Some(host.to_owned());
        client
    }

    pub(crate) fn with(configure: impl FnOnce(&mut SslContextBuilder)) -> Self {
        let sessions = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let mut ctx = SslContext::builder(SslMethod::tls_client()).unwrap();
        ctx.set_verify(SslVerifyMode::NONE);
        ctx.set_session_cache_mode(SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL);
        let memory = Arc::clone(&sessions);
        ctx.set_new_session_callback(move |_, session| {
            memory.lock().unwrap().push(session.to_der().unwrap());
        });
        configure(&mut ctx);
        Self { ctx: ctx.build(), sessions, server_name: Some("localhost".to_owned()) }
    }

    /// The sessions that it was given, oldest first; it forgets them.
    pub(crate) fn take_sessions(&self) -> Vec<SslSession> {
        let sessions = std::mem::take(&mut *self.sessions.lock().unwrap());
        sessions.iter().map(|der| SslSession::from_der(der).unwrap()).collect()
    }

    /// The first of them.
    pub(crate) fn take_session(&self) -> SslSession {
        self.take_sessions().into_iter().next().expect("the server gave a session")
    }

    fn ssl(&self, offered: Option<&SslSession>) -> Ssl {
        let mut ssl = Ssl::new(&self.ctx).unwrap();
        if let Some(name) = &self.server_name {
            ssl.set_hostname(name).unwrap();
        }
        if let Some(session) = offered {
            // A copy: libssl does not offer the same object of TLS 1.3 twice.
            let copy = SslSession::from_der(&session.to_der().unwrap()).unwrap();
            resumption_openssl::offer(&mut ssl, &copy).unwrap();
        }
        ssl
    }
}

/// Both ends of a connection, in one thread.
pub(crate) struct Pair {
    pub(crate) client: SslStream<End>,
    pub(crate) server: SslStream<End>,
}

/// Why a handshake came to nothing, as each end says.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) client: Option<Error>,
    pub(crate) server: Option<Error>,
}

impl Pair {
    pub(crate) fn new(server: &SslContext, client: &Client, offered: Option<&SslSession>) -> Self {
        Self::of(Ssl::new(server).unwrap(), client, offered)
    }

    /// With this connection for a server.
    pub(crate) fn of(server: Ssl, client: &Client, offered: Option<&SslSession>) -> Self {
        let (left, right) = pair();
        Self {
            client: SslStream::new(client.ssl(offered), left).unwrap(),
            server: SslStream::new(server, right).unwrap(),
        }
    }

    /// Shakes hands, and hears out what the server sends behind that.
    pub(crate) fn shake_hands(&mut self) -> Result<(), Failed> {
        let (mut client, mut server) = (None, None);
        for _round in 0..10 {
            client = self.client.connect().err();
            server = self.server.accept().err();
            let over = |end: &Option<Error>| end.as_ref().is_some_and(|error| !waits(error));
            if over(&client) || over(&server) {
                // The other end hears of it.
                client = client.or_else(|| self.client.connect().err());
                return Err(Failed { client, server });
            }
            if client.is_none() && server.is_none() {
                self.hear();
                return Ok(());
            }
        }
        Err(Failed { client, server })
    }

    /// Lets the client read tickets.
    pub(crate) fn hear(&mut self) {
        let error = self.client.ssl_read(&mut [0]).expect_err("the server sent no data");
        assert!(waits(&error), "{error}");
    }

    pub(crate) fn is_resumed(&self) -> bool {
        assert_eq!(self.client.ssl().session_reused(), self.server.ssl().session_reused());
        self.server.ssl().session_reused()
    }

    /// Sends something each way.
    pub(crate) fn talk(&mut self) {
        self.client.write_all(b"ping").unwrap();
        let mut heard = [0; 4];
        self.server.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"ping");
    }

    /// Says goodbye at both ends.
    pub(crate) fn close(mut self) {
        let _ = self.client.shutdown();
        let _ = self.server.shutdown();
    }
}

/// Shakes hands, says goodbye, and tells whether the session was resumed.
pub(crate) fn meet(server: &SslContext, client: &Client, offered: Option<&SslSession>) -> bool {
    let mut pair = Pair::new(server, client, offered);
    pair.shake_hands().unwrap();
    let is_resumed = pair.is_resumed();
    pair.close();
    is_resumed
}

/// A full handshake and what it left: the first session that the client was given.
pub(crate) fn first_session(server: &SslContext, client: &Client) -> SslSession {
    assert!(!meet(server, client, None));
    client.take_session()
}

pub(crate) fn waits(error: &Error) -> bool {
    [ErrorCode::WANT_READ, ErrorCode::WANT_WRITE].contains(&error.code())
}
