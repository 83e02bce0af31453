//! Everything the status page and `/metrics` show, read at one moment.

use std::time::Duration;

use resumption_external::Stats;
use resumption_snapshot::Restored;

use super::counters::Handshakes;
use super::history::Second;
use crate::cache::CacheFigures;

/// The server's state, as numbers.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Where the server listens.
    pub(super) address: String,
    /// What it was told to do, for people: name and value.
    pub(super) settings: Vec<(&'static str, String)>,
    pub(super) uptime: Duration,
    pub(super) cpu: Duration,
    pub(super) connections: usize,
    pub(super) max_connections: usize,
    pub(super) handshakes: Handshakes,
    pub(super) hosts: Vec<HostFigures>,
    pub(super) history: Vec<Second>,
    pub(super) cache: CacheFigures,
    /// If there is a store.
    pub(super) store: Option<Stats>,
    /// What became of a snapshot's sessions at the start, if there is to be one.
    pub(super) restored: Option<Restored>,
}

/// The handshakes of one host.
#[derive(Clone, Debug)]
pub(super) struct HostFigures {
    /// The server name; `*` for all that have no host of their own.
    pub(super) label: String,
    pub(super) full: u64,
    pub(super) resumed: u64,
}

/// CPU time that the process has used, all threads together.
#[cfg(unix)]
pub(super) fn cpu_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let seconds = u64::try_from(used.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(used.tv_nsec).unwrap_or(0))
}

/// Unknown here.
#[cfg(not(unix))]
pub(super) fn cpu_time() -> Duration {
    Duration::ZERO
}
