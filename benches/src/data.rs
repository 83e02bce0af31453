//! Everything a run measured, as rows: one kind of row, one tidy file.

mod derive;
mod files;

use std::path::PathBuf;
use std::{error, fmt};

use serde::{Deserialize, Serialize};

/// One sample of throughput.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SampleRow {
    pub(crate) peer: String,
    pub(crate) workload: String,
    pub(crate) population: usize,
    pub(crate) threads: usize,
    pub(crate) round: usize,
    pub(crate) ops_per_second: f64,
    pub(crate) failed_share: f64,
    /// The share of the threads' time in which others had their cores.
    pub(crate) stolen_share: f64,
}

/// A cell's samples together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ThroughputRow {
    pub(crate) peer: String,
    pub(crate) workload: String,
    pub(crate) population: usize,
    pub(crate) threads: usize,
    pub(crate) rounds: usize,
    /// The median of the rounds.
    pub(crate) ops_per_second: f64,
    /// Half the distance between the quartiles, as a share of the median.
    pub(crate) spread: f64,
    /// The median of this cache's rate over this one's, each within a round.
    pub(crate) ratio: Option<f64>,
    /// The worst round's.
    pub(crate) failed_share: f64,
}

/// One point of a distribution of lookup times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LatencyRow {
    pub(crate) situation: String,
    pub(crate) peer: String,
    pub(crate) threads: usize,
    /// 1 is the longest.
    pub(crate) quantile: f64,
    pub(crate) nanoseconds: u64,
}

/// One flush.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StallRow {
    pub(crate) peer: String,
    pub(crate) population: usize,
    pub(crate) round: usize,
    pub(crate) flushes: bool,
    pub(crate) flush_ms: f64,
    pub(crate) longest_us: f64,
    pub(crate) p999_us: f64,
}

/// The longest lookup of one millisecond, counted from the beginning of the flush.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TimelineRow {
    pub(crate) peer: String,
    pub(crate) millisecond: i64,
    pub(crate) longest_ns: u64,
}

/// What a session costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MemoryRow {
    pub(crate) peer: String,
    pub(crate) population: usize,
    pub(crate) payload: usize,
    pub(crate) bytes_beyond_payload: f64,
}

/// One sample of handshakes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HandshakeRow {
    pub(crate) place: String,
    pub(crate) held: usize,
    pub(crate) threads: usize,
    pub(crate) round: usize,
    pub(crate) per_second: f64,
    pub(crate) server_us: f64,
    pub(crate) resumed_share: f64,
}

/// A cell's handshakes together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HandshakesRow {
    pub(crate) place: String,
    pub(crate) held: usize,
    pub(crate) threads: usize,
    pub(crate) per_second: f64,
    pub(crate) spread: f64,
    pub(crate) server_us: f64,
    /// The median of the rate over that of a store that costs nothing, each within a round.
    pub(crate) share_of_free: Option<f64>,
    pub(crate) resumed_share: f64,
}

/// The name of the trace that stands for all: rows of means.
pub(crate) const MEAN_TRACE: &str = "mean of all traces";

/// How much of a trace a policy resumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HitRatioRow {
    pub(crate) trace: String,
    pub(crate) policy: String,
    /// The capacity as a share of what the trace's clients would fill.
    pub(crate) capacity_share: f64,
    /// `entries` or `bytes`: what all policies had the same amount of.
    pub(crate) equal: String,
    pub(crate) hit_ratio: f64,
    /// Whether no policy was tuned on the trace.
    pub(crate) unseen: bool,
}

/// A law of scalability, and what it predicts: operations a second, from the low to the high end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GrowthRow {
    pub(crate) peer: String,
    pub(crate) workload: String,
    pub(crate) population: usize,
    pub(crate) kind: String,
    pub(crate) points: usize,
    pub(crate) lambda: f64,
    /// The most contention that the points allow (all of what is lost is waiting).
    pub(crate) sigma: f64,
    /// The most crosstalk that the points allow (all of what is lost is coherence), where there are
    /// two points; else the fitted value.
    pub(crate) kappa: f64,
    /// The worst relative distance of a point from its curve; none where the curve goes through all.
    pub(crate) residual: Option<f64>,
    pub(crate) low_16: f64,
    pub(crate) high_16: f64,
    pub(crate) low_64: f64,
    pub(crate) high_64: f64,
    pub(crate) low_128: f64,
    pub(crate) high_128: f64,
}

/// One budget of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BudgetRow {
    pub(crate) budget: String,
    pub(crate) required: String,
    /// Whose figure: the cache's or the bare map's.
    pub(crate) subject: String,
    pub(crate) value: Option<f64>,
    pub(crate) unit: String,
    /// `met`, `not met` or `not measured`.
    pub(crate) verdict: String,
    /// Beside whom, where it is a ratio.
    pub(crate) beside: String,
}

/// A fact about the machine or the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FactRow {
    pub(crate) fact: String,
    pub(crate) value: String,
}

/// A peer that took part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PeerRow {
    pub(crate) peer: String,
    pub(crate) version: String,
    pub(crate) note: String,
    pub(crate) bounded: bool,
}

/// Something that was not measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeftOutRow {
    pub(crate) what: String,
    pub(crate) why: String,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Data {
    pub(crate) budgets: Vec<BudgetRow>,
    pub(crate) facts: Vec<FactRow>,
    pub(crate) growth: Vec<GrowthRow>,
    pub(crate) handshake_samples: Vec<HandshakeRow>,
    pub(crate) handshakes: Vec<HandshakesRow>,
    pub(crate) hit_ratios: Vec<HitRatioRow>,
    pub(crate) latencies: Vec<LatencyRow>,
    pub(crate) left_out: Vec<LeftOutRow>,
    pub(crate) memory: Vec<MemoryRow>,
    pub(crate) peers: Vec<PeerRow>,
    pub(crate) samples: Vec<SampleRow>,
    pub(crate) stalls: Vec<StallRow>,
    pub(crate) throughput: Vec<ThroughputRow>,
    pub(crate) timeline: Vec<TimelineRow>,
}

impl Data {
    /// The fact of this name.
    pub(crate) fn fact(&self, name: &str) -> &str {
        let fact = self.facts.iter().find(|fact| fact.fact == name);
        fact.map_or("", |fact| &fact.value)
    }

    /// How many cores the run had.
    pub(crate) fn cores(&self) -> usize {
        self.fact(CORES).parse().unwrap_or(1)
    }

    pub(crate) fn leave_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let row = LeftOutRow { what: what.into(), why: why.into() };
        if !self.left_out.contains(&row) {
            self.left_out.push(row);
        }
    }
}

/// The fact that predictions depend on.
pub(crate) const CORES: &str = "cores";
/// The latency of lookups while all is flushed.
pub(crate) const DURING_FLUSH: &str = "during a flush";
/// The latency of lookups under 90/10.
pub(crate) const DURING_MIXED: &str = "90/10 at capacity";

/// As many digits as mean something.
pub(crate) fn rounded(number: f64) -> f64 {
    format!("{number:.4e}").parse().unwrap_or(number)
}

/// Why rows could not be written or read.
#[derive(Debug)]
pub(crate) enum DataError {
    Csv { path: PathBuf, error: csv::Error },
    File { path: PathBuf, error: std::io::Error },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv { path, error } => write!(f, "{}: {error}", path.display()),
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl error::Error for DataError {}
