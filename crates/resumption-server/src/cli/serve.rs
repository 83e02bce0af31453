//! The options of `resumption serve`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use super::host::{ClientAuth, HostArgs};
use super::store::StoreArgs;
use super::values::{self, Endpoint, EntryLimit};
use crate::tls::{Group, TlsLibrary, TlsVersions};

/// Options of `resumption serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeArgs {
    /// Where to listen; port 0 takes any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8443")]
    pub listen: Endpoint,

    /// Certificate chain (PEM); without it, a self-signed certificate is made at start
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,

    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,

    /// Forward the decrypted bytes to this server, and back, instead of serving the status page
    #[arg(long, value_name = "HOST:PORT")]
    pub upstream: Option<Endpoint>,

    /// A virtual host, by the server name that clients ask for; may be given several times
    ///
    /// KEYs are cert, key, client-ca and client-auth, which mean what the options of these names
    /// mean, and group. What a host leaves out is as for the rest of the server, except that without
    /// --cert each has a self-signed certificate of its own. Sessions stay with the host that they
    /// were made on; hosts share theirs if they name the same group and are alike in all else.
    #[arg(long, value_name = "NAME[,KEY=VALUE]...")]
    pub host: Vec<HostArgs>,

    /// Ask clients for a certificate that leads to one of these roots (PEM)
    #[arg(long, value_name = "FILE")]
    pub client_ca: Option<PathBuf>,

    /// Whether clients need a certificate [default: required with --client-ca, else none]
    #[arg(long, value_enum, value_name = "WHETHER", requires = "client_ca")]
    pub client_auth: Option<ClientAuth>,

    /// The TLS library
    #[arg(long, value_enum, value_name = "LIBRARY", default_value_t = TlsLibrary::Rustls)]
    pub tls: TlsLibrary,

    /// TLS versions to accept
    #[arg(long, value_enum, value_name = "VERSION", default_value_t = TlsVersions::Both)]
    pub versions: TlsVersions,

    /// Groups to accept for the key exchange, separated by commas [default: all of them]
    ///
    /// A TLS 1.3 client that guesses another is asked to try again (RFC 8446, section 4.1.4).
    #[arg(long, value_enum, value_name = "GROUP", value_delimiter = ',')]
    pub groups: Vec<Group>,

    /// Most sessions to remember: a number, or 'unlimited'
    #[arg(long, value_name = "SESSIONS", default_value = "20480")]
    pub capacity: EntryLimit,

    /// Most memory for sessions, such as 64MiB [default: no bound beyond --capacity]
    #[arg(long, value_name = "BYTES", value_parser = values::bytes)]
    pub capacity_bytes: Option<u64>,

    /// How long a session may be resumed, such as 300s, 5m or 2h
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = values::span)]
    pub timeout: Duration,

    /// What the cache does by itself, as in OpenSSL; several may be given, separated by commas
    #[arg(long, value_enum, value_name = "MODE", value_delimiter = ',', default_value = "server")]
    pub mode: Vec<ModeFlag>,

    /// Cache lookups that one connection may cost, however many sessions its client offers
    #[arg(long, value_name = "COUNT", default_value = "4")]
    pub lookups_per_handshake: NonZeroU32,

    /// How long a client may take over its handshake
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = values::span)]
    pub handshake_timeout: Duration,

    /// How long a connection may be silent
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = values::span)]
    pub idle_timeout: Duration,

    /// Most connections at once; more wait in the listener's queue
    #[arg(long, value_name = "COUNT", default_value = "8192")]
    pub max_connections: NonZeroUsize,

    /// How long open connections get to finish after SIGINT or SIGTERM
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = values::span)]
    pub drain: Duration,

    /// Worker threads [default: one for each CPU]
    #[arg(long, value_name = "COUNT")]
    pub workers: Option<NonZeroUsize>,

    /// Sessions that leave the process
    #[command(flatten)]
    pub store: StoreArgs,

    /// Stop when standard input ends: for a server that must not outlive its parent
    #[arg(long, hide = true)]
    pub stop_with_stdin: bool,
}

/// The flags of the cache's mode, by OpenSSL's names (`SSL_CTX_set_session_cache_mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum ModeFlag {
    /// Remember nothing: every handshake is full
    Off,
    /// Remember client-side sessions only
    Client,
    /// Remember server-side sessions
    Server,
    /// Remember both
    Both,
    /// Leave expired sessions until they are looked up or evicted
    NoAutoClear,
    /// Do not look in memory
    NoInternalLookup,
    /// Do not store in memory
    NoInternalStore,
    /// Neither look in memory nor store in it
    NoInternal,
    /// Storing a session again begins its life anew
    UpdateTime,
}
