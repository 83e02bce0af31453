//! Which store, and within which bounds.

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;

use crate::address::{Address, Endpoint};
use crate::credentials::Credentials;
use crate::tls;

/// How the servers of a store hang together.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Topology {
    /// Redis Cluster: keys are spread over several primaries. The URLs name some of the servers; the others
    /// are learnt from them.
    Cluster,
    /// Redis Sentinel: the URLs name the sentinels, and they name the server that is the primary now.
    Sentinel {
        /// What the sentinels call it: the name in their `sentinel monitor` line.
        primary: String,
    },
    /// One server, or an address behind which there is always one.
    Standalone,
}

/// What is wrong with a configuration. Says nothing of what stood there: it may be a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// No trusted certificate authority could be found or read, or the TLS configuration is unusable.
    Authorities,
    /// The database is no number, or is not 0 in a cluster, which has no other.
    Database,
    /// The URLs of one store differ in their credentials, their database or their transport.
    Disagreement,
    /// The prefix of keys has a brace in it, with which a cluster keeps all keys on one server; or
    /// it is longer than 64 bytes.
    KeyPrefix,
    /// A bound is zero, or larger than this crate supports.
    Limit,
    /// A user without a password.
    NoPassword,
    /// No URL, or more than one for a store of one server.
    Servers,
    /// Not a URL of the form `redis://[user[:password]@]host[:port][/database]`.
    NotAUrl,
    /// Not one of `redis`, `rediss`, `valkey` and `valkeys`.
    Scheme,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authorities => "no certificate authority to trust the store's certificate by",
            Self::Database => "the database is no number, or a cluster's is not 0",
            Self::Disagreement => "the store's URLs differ in credentials, database or transport",
            Self::KeyPrefix => "the prefix of keys is too long, or has a brace in it",
            Self::Limit => "a bound of the store is zero or too large",
            Self::NoPassword => "the store's URL has a user and no password",
            Self::Servers => "a store of one server has one URL, the others at least one",
            Self::NotAUrl => "not of the form redis://[user[:password]@]host[:port][/database]",
            Self::Scheme => "a store's URL begins with redis:// or, for TLS, rediss://",
        })
    }
}

impl std::error::Error for ConfigError {}

/// Where the store is and within which bounds it is used. `Debug` shows no password.
///
/// URLs are `redis://[user[:password]@]host[:port][/database]`, and `rediss://` for TLS; `valkey` and
/// `valkeys` mean the same. All of a store's agree in everything but host and port. Behind Sentinel, the
/// user and the password are those of the servers; the sentinels' own are
/// [`RedisConfig::sentinel_credentials`]. The port is 6379 if not given, a sentinel's 26379.
pub struct RedisConfig {
    pub(crate) topology: Topology,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) tls: bool,
    pub(crate) client_config: Option<Arc<rustls::ClientConfig>>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) sentinel_credentials: Option<Credentials>,
    pub(crate) database: u32,
    pub(crate) key_prefix: String,
    pub(crate) longest_time_to_live: Duration,
    pub(crate) largest_value: usize,
    pub(crate) connect_within: Duration,
}

impl RedisConfig {
    /// The longest that a TLS 1.3 ticket may live (RFC 8446, section 4.6.1).
    const SEVEN_DAYS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// Redis' own bound on a string is 512 MiB; a session with a chain of certificates has a few KiB.
    const LARGEST_VALUE: usize = 16 << 20;

    /// A store at these URLs.
    ///
    /// # Errors
    /// [`ConfigError`], when a URL cannot be understood or does not agree with the others.
    pub fn new<I>(topology: Topology, urls: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let default_port = if matches!(topology, Topology::Sentinel { .. }) { 26379 } else { 6379 };
        let mut addresses = Vec::new();
        for url in urls {
            addresses.push(Address::parse(url.as_ref(), default_port)?);
        }
        let mut addresses = addresses.into_iter();
        let first = addresses.next().ok_or(ConfigError::Servers)?;
        let mut endpoints = vec![first.endpoint.clone()];
        for address in addresses {
            if !agree(&first, &address) {
                return Err(ConfigError::Disagreement);
            }
            endpoints.push(address.endpoint);
        }
        let database = first.database.unwrap_or(0);
        match topology {
            Topology::Cluster if database != 0 => return Err(ConfigError::Database),
            Topology::Standalone if endpoints.len() > 1 => return Err(ConfigError::Servers),
            _ => {}
        }
        Ok(Self {
            topology,
            endpoints,
            tls: first.tls,
            client_config: None,
            credentials: first.credentials,
            sentinel_credentials: None,
            database,
            key_prefix: "resumption:".to_owned(),
            longest_time_to_live: Self::SEVEN_DAYS,
            largest_value: 64 << 10,
            connect_within: Duration::from_secs(1),
        })
    }

    /// These credentials, for the servers that keep the sessions, instead of those in the URLs: command
    /// lines are for everyone to see.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// The credentials for the sentinels themselves. None unless said: often they have none.
    #[must_use]
    pub fn sentinel_credentials(mut self, credentials: Credentials) -> Self {
        self.sentinel_credentials = Some(credentials);
        self
    }

    /// The prefix of the store's keys, `resumption:` unless said, so that one store can serve several
    /// purposes and its access control can tell them apart. Not a secret, and no separation of deployments:
    /// that is in the keys themselves.
    ///
    /// # Errors
    /// [`ConfigError::KeyPrefix`].
    pub fn key_prefix(mut self, prefix: &str) -> Result<Self, ConfigError> {
        if prefix.len() > 64 || prefix.contains(['{', '}']) {
            return Err(ConfigError::KeyPrefix);
        }
        prefix.clone_into(&mut self.key_prefix);
        Ok(self)
    }

    /// The longest that the store keeps anything, 7 days unless said. A session that asks for more is kept
    /// for this long.
    ///
    /// # Errors
    /// [`ConfigError::Limit`] below a millisecond and above 365 days.
    pub fn longest_time_to_live(mut self, longest: Duration) -> Result<Self, ConfigError> {
        let allowed = Duration::from_millis(1)..=Duration::from_secs(365 * 24 * 60 * 60);
        if !allowed.contains(&longest) {
            return Err(ConfigError::Limit);
        }
        self.longest_time_to_live = longest;
        Ok(self)
    }

    /// The largest sealed session that is stored or accepted, in bytes: 64 KiB unless said.
    ///
    /// # Errors
    /// [`ConfigError::Limit`] for none and above 16 MiB.
    pub fn largest_value(mut self, bytes: usize) -> Result<Self, ConfigError> {
        if bytes == 0 || bytes > Self::LARGEST_VALUE {
            return Err(ConfigError::Limit);
        }
        self.largest_value = bytes;
        Ok(self)
    }

    /// How long one attempt to connect may take, TLS and logging in included: 1 s unless said. No
    /// operation waits for longer than its own deadline; the attempt goes on behind it.
    ///
    /// # Errors
    /// [`ConfigError::Limit`] for none and above a minute.
    pub fn connect_within(mut self, within: Duration) -> Result<Self, ConfigError> {
        if within.is_zero() || within > Duration::from_secs(60) {
            return Err(ConfigError::Limit);
        }
        self.connect_within = within;
        Ok(self)
    }

    /// Trusts certificates of these authorities alone, instead of the system's.
    ///
    /// # Errors
    /// [`ConfigError::Authorities`] if there is none, or one of them is no certificate.
    pub fn authorities<I>(self, authorities: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator<Item = CertificateDer<'static>>,
    {
        let config = tls::trusting(authorities)?;
        Ok(self.tls_config(Arc::new(config)))
    }

    /// How to speak TLS with the store, client certificates included. Without it, the system's
    /// authorities are trusted.
    #[must_use]
    pub fn tls_config(mut self, config: Arc<rustls::ClientConfig>) -> Self {
        self.client_config = Some(config);
        self
    }
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the TLS configuration: there may be a key in it.
        f.debug_struct("RedisConfig")
            .field("topology", &self.topology)
            .field("endpoints", &self.endpoints)
            .field("tls", &self.tls)
            .field("credentials", &self.credentials)
            .field("sentinel_credentials", &self.sentinel_credentials)
            .field("database", &self.database)
            .field("key_prefix", &self.key_prefix)
            .field("longest_time_to_live", &self.longest_time_to_live)
            .field("largest_value", &self.largest_value)
            .field("connect_within", &self.connect_within)
            .finish_non_exhaustive()
    }
}

fn agree(one: &Address, other: &Address) -> bool {
    let credentials = match (&one.credentials, &other.credentials) {
        (None, None) => true,
        (Some(one), Some(other)) => one.equals(other),
        _ => false,
    };
    credentials && one.tls == other.tls && one.database == other.database
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentinel() -> Topology {
        Topology::Sentinel { primary: "tls".to_owned() }
    }

    #[test]
    fn the_urls_of_a_store_agree() {
        let fine = RedisConfig::new(Topology::Cluster, ["redis://:p@a", "redis://:p@b:7"]);
        let fine = fine.expect("they agree");
        assert_eq!(fine.endpoints, [Endpoint::new("a", 6379), Endpoint::new("b", 7)]);
        for second in ["redis://b", "redis://:q@b", "rediss://:p@b", "redis://:p@b/1"] {
            let error = RedisConfig::new(sentinel(), ["redis://:p@a", second]).expect_err(second);
            assert_eq!(error, ConfigError::Disagreement, "{second}");
        }
    }

    #[test]
    fn each_topology_has_its_number_of_servers_and_databases() {
        let error = |topology, urls: &[&str]| RedisConfig::new(topology, urls).expect_err("wrong");
        assert_eq!(error(Topology::Cluster, &[]), ConfigError::Servers);
        assert_eq!(error(Topology::Standalone, &["redis://a", "redis://b"]), ConfigError::Servers);
        assert_eq!(error(Topology::Cluster, &["redis://a/1"]), ConfigError::Database);
        let config = RedisConfig::new(sentinel(), ["redis://a/1"]).expect("valid");
        assert_eq!(config.endpoints[0].port, 26379);
        assert_eq!(config.database, 1);
    }

    #[test]
    fn bounds_have_bounds() {
        let config = || RedisConfig::new(Topology::Standalone, ["redis://a"]).expect("valid");
        let limit = Err(ConfigError::Limit);
        assert_eq!(config().largest_value(0).map(|_| ()), limit);
        assert_eq!(config().largest_value(usize::MAX).map(|_| ()), limit);
        assert_eq!(config().connect_within(Duration::ZERO).map(|_| ()), limit);
        assert_eq!(config().longest_time_to_live(Duration::MAX).map(|_| ()), limit);
        assert_eq!(config().key_prefix("a{b}").map(|_| ()), Err(ConfigError::KeyPrefix));
        assert!(config().key_prefix("fleet-1:").is_ok());
    }

    #[test]
    fn no_password_is_shown() {
        let config = RedisConfig::new(Topology::Standalone, ["redis://me:Tr0ub4dor@a"]);
        let config =
            config.expect("valid").sentinel_credentials(Credentials::password("c0rrecthorse"));
        let shown = format!("{config:?} {config:#?}");
        assert!(shown.contains("Credentials(..)"), "{shown}");
        assert!(!shown.contains("Tr0ub4dor") && !shown.contains("c0rrecthorse"), "{shown}");
    }
}
