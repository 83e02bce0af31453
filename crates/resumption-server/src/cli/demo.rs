//! The options of `resumption demo`.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::values::{self, Endpoint};

/// Options of `resumption demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Where the server listens; port 0 takes any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    pub listen: Endpoint,

    /// How long to measure each kind of handshake
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = values::span)]
    pub duration: Duration,

    /// Client threads
    #[arg(long, value_name = "COUNT", default_value = "8")]
    pub threads: NonZeroUsize,

    /// Keep the server running until Ctrl-C, to try the printed commands against it
    #[arg(long)]
    pub keep: bool,
}
