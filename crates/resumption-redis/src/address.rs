//! Where a store is: `redis://[user[:password]@]host[:port][/database]`.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::config::ConfigError;
use crate::credentials::Credentials;

/// A server: a name or an address, and a port.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Endpoint {
    pub(crate) fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port }
    }

    /// This server; if it has no host, at that of `asked`, which did not know its own.
    pub(crate) fn or_at(self, asked: &Self) -> Self {
        if self.host.is_empty() { Self::new(asked.host.clone(), self.port) } else { self }
    }

    /// `host:port`, as a redirection of Redis Cluster names it. No brackets around IPv6 there.
    pub(crate) fn of_redirection(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = port.parse().ok().filter(|port| *port != 0)?;
        Some(Self::new(host, port))
    }
}

/// All that a URL says.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) endpoint: Endpoint,
    pub(crate) tls: bool,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) database: Option<u32>,
}

impl Address {
    /// Reads a URL. No error repeats any of it: there may be a password in it.
    pub(crate) fn parse(text: &str, default_port: u16) -> Result<Self, ConfigError> {
        let url = Url::parse(text).map_err(|_| ConfigError::NotAUrl)?;
        let tls = match url.scheme() {
            "redis" | "valkey" => false,
            "rediss" | "valkeys" => true,
            _ => return Err(ConfigError::Scheme),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ConfigError::NotAUrl);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(ConfigError::NotAUrl)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let host = decoded(host)?;
        let database = match url.path().trim_start_matches('/') {
            "" => None,
            number => Some(number.parse().map_err(|_| ConfigError::Database)?),
        };
        let password = url.password().map(|text| percent_decode_str(text).collect::<Vec<u8>>());
        let credentials = match (url.username(), password) {
            ("", None) => None,
            ("", Some(password)) => Some(Credentials::password(password)),
            // A name without a password cannot log in, and is most likely a password in the wrong place.
            (_, None) => return Err(ConfigError::NoPassword),
            (user, Some(password)) => Some(Credentials::user(decoded(user)?, password)),
        };
        let port = url.port().unwrap_or(default_port);
        Ok(Self { endpoint: Endpoint::new(host, port), tls, credentials, database })
    }
}

fn decoded(text: &str) -> Result<String, ConfigError> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| ConfigError::NotAUrl)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Address, ConfigError> {
        Address::parse(text, 6379)
    }

    #[test]
    fn a_url_names_host_port_database_and_transport() {
        let address = parse("redis://store.example").expect("valid");
        assert_eq!(address.endpoint, Endpoint::new("store.example", 6379));
        assert!(!address.tls && address.credentials.is_none() && address.database.is_none());

        let address = parse("rediss://[::1]:7000/3").expect("valid");
        assert_eq!(address.endpoint, Endpoint::new("::1", 7000));
        assert!(address.tls);
        assert_eq!(address.database, Some(3));
        assert!(parse("valkeys://10.0.0.1").expect("valid").tls);
    }

    #[test]
    fn passwords_are_decoded_and_may_have_a_user() {
        let ours = |text| parse(text).expect("valid").credentials.expect("there are some");
        assert!(ours("redis://:p%40ss@host").equals(&Credentials::password("p@ss")));
        assert!(ours("redis://me:p@host").equals(&Credentials::user("me", "p")));
        assert!(!ours("redis://me:p@host").equals(&Credentials::password("p")));
    }

    #[test]
    fn what_is_no_address_of_a_store_says_why() {
        for (text, expected) in [
            ("store.example:6379", ConfigError::Scheme),
            ("http://store.example", ConfigError::Scheme),
            ("redis://", ConfigError::NotAUrl),
            ("redis:///0", ConfigError::NotAUrl),
            ("redis://host:99999", ConfigError::NotAUrl),
            ("redis://host/zero", ConfigError::Database),
            ("redis://host?protocol=resp3", ConfigError::NotAUrl),
            ("redis://password@host", ConfigError::NoPassword),
        ] {
            assert_eq!(parse(text).expect_err(text), expected, "{text}");
        }
    }

    #[test]
    fn redirections_name_servers() {
        assert_eq!(Endpoint::of_redirection("10.0.0.1:7"), Some(Endpoint::new("10.0.0.1", 7)));
        assert_eq!(Endpoint::of_redirection("::1:7001"), Some(Endpoint::new("::1", 7001)));
        let unnamed = Endpoint::of_redirection(":7").expect("a port alone");
        assert_eq!(unnamed.or_at(&Endpoint::new("asked", 1)), Endpoint::new("asked", 7));
        for none in ["10.0.0.1", "host:0", "host:port", "host:65536", ""] {
            assert_eq!(Endpoint::of_redirection(none), None, "{none}");
        }
    }
}
