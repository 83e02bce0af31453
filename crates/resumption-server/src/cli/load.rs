//! The options of `resumption load`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::values::{self, Endpoint};
use crate::tls::TlsVersions;

/// Options of `resumption load`.
#[derive(Clone, Debug, clap::Args)]
pub struct LoadArgs {
    /// The server to connect to
    #[arg(long, value_name = "HOST:PORT")]
    pub connect: Endpoint,

    /// TLS versions to measure, one after the other
    #[arg(
        long,
        visible_alias = "tls",
        value_enum,
        value_name = "VERSION",
        default_value_t = TlsVersions::Both
    )]
    pub versions: TlsVersions,

    /// Kinds of handshakes to measure, one after the other
    #[arg(long, value_enum, value_name = "KIND", default_value_t = LoadMode::Both)]
    pub mode: LoadMode,

    /// Client threads, each with one connection at a time
    #[arg(long, value_name = "COUNT", default_value = "8")]
    pub threads: NonZeroUsize,

    /// How long to measure each version and kind
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = values::span)]
    pub duration: Duration,

    /// Server name to ask for [default: the host of --connect]
    #[arg(long, value_name = "NAME")]
    pub sni: Option<String>,

    /// Verify the server's certificate against these roots (PEM); without it, any certificate is
    /// accepted, which is fine for measuring and for nothing else
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Send no HTTP request, for servers that speak something else: handshake, then close
    #[arg(long)]
    pub no_request: bool,

    /// How long any one step of a connection may take
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = values::span)]
    pub io_timeout: Duration,
}

/// Which handshakes to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum LoadMode {
    /// Full handshakes, then resumed ones
    Both,
    /// Full handshakes: no session is ever offered
    Full,
    /// Resumed handshakes: each connection offers the newest session of its thread
    Resumed,
}
