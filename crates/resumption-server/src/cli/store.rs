//! The options of `resumption serve` for sessions that leave the process.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use resumption_sealing::{Namespace, NamespaceError};

use super::values;

/// Sessions that leave the process: shared with other servers, or kept over a restart.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Sessions outside the process")]
pub struct StoreArgs {
    /// Share sessions with other servers through this Redis or Valkey: redis://HOST:PORT/DATABASE, of
    /// which HOST is enough, or rediss:// for TLS
    ///
    /// Servers share sessions if they have the same keys, namespace, TLS library and certificate, and
    /// agree on clients' certificates. Given several times, the URLs name servers of one cluster, or the
    /// sentinels with --store-primary. A store that is slow or away costs resumptions, never a handshake.
    /// 0-RTT is never accepted.
    #[arg(long, value_name = "URL", requires = "store_keys")]
    pub store: Vec<StoreUrl>,

    /// The URLs of --store are sentinels, and this is what they call the primary
    #[arg(long, value_name = "NAME", requires = "store", conflicts_with = "store_cluster")]
    pub store_primary: Option<String>,

    /// The URL of --store is a server of a cluster; without it, several URLs are
    #[arg(long, requires = "store")]
    pub store_cluster: bool,

    /// The store's password, in a file, so that it is not on a command line
    #[arg(long, value_name = "FILE", requires = "store")]
    pub store_password_file: Option<PathBuf>,

    /// The store's user that the password belongs to
    #[arg(long, value_name = "NAME", requires = "store_password_file")]
    pub store_user: Option<String>,

    /// Trust a rediss:// store by these roots (PEM) [default: the system's]
    #[arg(long, value_name = "FILE", requires = "store")]
    pub store_ca: Option<PathBuf>,

    /// The keys that sessions are sealed with outside the process; read again on SIGHUP
    ///
    /// Lines `seal KEY` and `names KEY`, each KEY 32 random bytes in hexadecimal or base64: the first
    /// seals, all of them open. The file may not be readable by others (mode 0600).
    #[arg(long, value_name = "FILE")]
    pub store_keys: Option<PathBuf>,

    /// The deployment's name: others in the same store are not found
    #[arg(long, value_name = "NAME", default_value = "resumption", value_parser = namespace)]
    pub store_namespace: Namespace,

    /// How long a handshake waits for the store at most
    #[arg(long, value_name = "TIME", default_value = "30ms", value_parser = values::span)]
    pub store_deadline: Duration,

    /// By how much the clocks of servers that share a store may differ
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = values::span)]
    pub store_clock_skew: Duration,

    /// Write the sessions, sealed, to this file when the server ends, and read them from it at the start
    ///
    /// The file is removed when it is read: sessions come back once. They are of the certificate that
    /// they were made under, so a self-signed one, which is new at each start, finds none of them.
    #[arg(long, value_name = "FILE", requires = "store_keys")]
    pub snapshot: Option<PathBuf>,
}

/// The URL of a store. There may be a password in it: `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// What was given, not looked at yet: an error of the command line would repeat it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StoreUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreUrl(..)")
    }
}

fn namespace(text: &str) -> Result<Namespace, NamespaceError> {
    Namespace::new(text)
}
