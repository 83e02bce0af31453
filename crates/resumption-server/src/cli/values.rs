//! Values of options as people write them: `5m`, `64MiB`, `localhost:8443`.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

/// A host and a port, not yet resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// A name or an address; an IPv6 address without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Endpoint {
    /// Asks the system's resolver. Blocks, so only at start-up or on a thread that may.
    ///
    /// # Errors
    /// What the resolver says, and `NotFound` when the name has no address.
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let addresses: Vec<_> = (self.host.as_str(), self.port).to_socket_addrs()?.collect();
        if addresses.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(addresses)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why a text is not an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// There is nothing before the port.
    NoHost,
    /// There is no `:` with a port behind it.
    NoPort,
    /// What stands after the last `:` is not a port.
    Port,
    /// An IPv6 address without brackets, or brackets that do not close.
    Brackets,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoHost => "a host is missing before the port",
            Self::NoPort => "expected HOST:PORT",
            Self::Port => "the port is not a number from 0 to 65535",
            Self::Brackets => "write an IPv6 address as [ADDRESS]:PORT",
        })
    }
}

impl std::error::Error for EndpointError {}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (host, port) = text.rsplit_once(':').ok_or(EndpointError::NoPort)?;
        let host = match (host.strip_prefix('['), host.contains(':')) {
            (Some(open), _) => open.strip_suffix(']').ok_or(EndpointError::Brackets)?,
            (None, true) => return Err(EndpointError::Brackets),
            (None, false) => host,
        };
        if host.is_empty() {
            return Err(EndpointError::NoHost);
        }
        let port = port.parse().map_err(|_| EndpointError::Port)?;
        Ok(Self { host: host.to_owned(), port })
    }
}

/// A bound on the number of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryLimit {
    /// At most so many.
    AtMost(NonZeroUsize),
    /// No bound on the number (a bound in bytes may still hold).
    Unlimited,
}

impl EntryLimit {
    /// The number, `None` when there is no bound.
    #[must_use]
    pub fn entries(self) -> Option<NonZeroUsize> {
        match self {
            Self::AtMost(entries) => Some(entries),
            Self::Unlimited => None,
        }
    }
}

impl fmt::Display for EntryLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(entries) => entries.fmt(f),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

impl FromStr for EntryLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "unlimited" {
            return Ok(Self::Unlimited);
        }
        let entries = scaled(text, &[("", 1), ("k", 1_000), ("M", 1_000_000)])
            .and_then(|entries| usize::try_from(entries).ok())
            .ok_or("expected a number such as 20480 or 100k, or 'unlimited'")?;
        // As in OpenSSL's SSL_CTX_sess_set_cache_size, zero lifts the bound.
        Ok(NonZeroUsize::new(entries).map_or(Self::Unlimited, Self::AtMost))
    }
}

/// A span of time: `300` (seconds), `300s`, `5m`, `2h`, `1d` or `250ms`; not zero.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let units =
        [("", 1_000), ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    match scaled(text, &units) {
        Some(0) => Err("must be longer than zero".to_owned()),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
        None => Err("expected a time such as 300, 300s, 5m, 2h or 250ms".to_owned()),
    }
}

/// A size in bytes: `1048576`, `512KiB`, `64MiB` or `2GiB` (`K`, `M`, `G` mean the same); not zero.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let units = [
        ("", 1),
        ("K", 1 << 10),
        ("KiB", 1 << 10),
        ("M", 1 << 20),
        ("MiB", 1 << 20),
        ("G", 1 << 30),
        ("GiB", 1 << 30),
    ];
    match scaled(text, &units) {
        Some(0) => Err("must be more than zero".to_owned()),
        Some(bytes) => Ok(bytes),
        None => Err("expected a size such as 512KiB, 64MiB or 2GiB".to_owned()),
    }
}

/// A whole number followed by one of `units`; `None` for anything else, overflow included.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.replace('_', "").parse().ok()?;
    let (_, scale) = units.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        assert_eq!(span("300"), Ok(Duration::from_secs(300)));
        assert_eq!(span("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(span("2h"), Ok(Duration::from_secs(7_200)));
        assert_eq!(span("250ms"), Ok(Duration::from_millis(250)));
        for text in
            ["", "s", "5 m", "-5", "1.5h", "5w", "0", "99999999999999999999", "9999999999999999d"]
        {
            assert!(span(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn sizes_and_counts() {
        assert_eq!(bytes("64MiB"), Ok(64 << 20));
        assert_eq!(bytes("1_024"), Ok(1_024));
        assert!(bytes("64 MB").is_err());
        assert_eq!("100k".parse::<EntryLimit>().unwrap().entries().unwrap().get(), 100_000);
        assert_eq!("0".parse(), Ok(EntryLimit::Unlimited));
        assert_eq!("unlimited".parse(), Ok(EntryLimit::Unlimited));
        assert!("many".parse::<EntryLimit>().is_err());
    }

    #[test]
    fn endpoints() {
        let parse = str::parse::<Endpoint>;
        assert_eq!(parse("localhost:8443").unwrap().to_string(), "localhost:8443");
        assert_eq!(parse("[::1]:0").unwrap(), Endpoint { host: "::1".to_owned(), port: 0 });
        assert_eq!(parse("[::1]:0").unwrap().to_string(), "[::1]:0");
        assert_eq!(parse("8443"), Err(EndpointError::NoPort));
        assert_eq!(parse(":8443"), Err(EndpointError::NoHost));
        assert_eq!(parse("a:99999"), Err(EndpointError::Port));
        assert_eq!(parse("::1:443"), Err(EndpointError::Brackets));
        assert_eq!(parse("[::1:443"), Err(EndpointError::Brackets));
    }
}
