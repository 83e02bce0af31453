//! The command line: every task and what it takes.

use clap::{Parser, Subcommand};

/// Project automation of the resumption workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) task: Task,
}

/// One task each; the file of the same name says how it works.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Measure the cache beside its peers, in one interleaved run, and write a report
    Bench {
        /// Measure nothing: open the last report in headless Chromium and look for errors
        #[arg(long)]
        open_check: bool,
        /// Handed to the benchmark: --quick, --smoke, --entries N, --help ...
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Everything CI checks, in CI's order, stopping at the first failure
    Ci,
    /// Run every numbered case of OpenSSL's session cache, and print the table of results
    Conformance {
        /// Run nothing: write the table to conformance/TABLE.md
        #[arg(long)]
        markdown: bool,
    },
    /// Build the documentation with every warning an error
    Docs,
    /// Simulate eviction policies on made-up traces and compare the share of clients that resume
    Eviction {
        /// Handed to the simulation: --quick, --smoke, --seed N, --csv FILE
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Hosts that share sessions through Redis, clients that return to any of them, and a store that is hurt
    Fleet {
        /// Only faults whose names contain this
        #[arg(long, conflicts_with_all = ["latency", "quick"])]
        fault: Option<String>,
        /// Measure handshakes with a store that is 5 ms away; not a pass or a fail
        #[arg(long, conflicts_with = "quick")]
        latency: bool,
        /// As much as CI does
        #[arg(long)]
        quick: bool,
    },
    /// Count instructions and bytes, and compare them with the record
    Gates {
        /// Make the record anew
        #[arg(long)]
        record: bool,
    },
    /// Clients that others wrote against the server: who resumes what, as tables
    Interop {
        /// Only clients whose names contain this; all without it
        client: Option<String>,
    },
    /// Check the dependency graph against the layers of ARCHITECTURE.md
    Layers,
    /// Run the loom models
    Loom {
        /// One file of models, by its name in loom-tests/tests; all without it
        #[arg(conflicts_with = "mutants")]
        model: Option<String>,
        /// Break each ordering, exchange and step in turn instead, and see a model fail
        #[arg(long)]
        mutants: bool,
    },
    /// Run the OpenSSL adapter's tests under valgrind: no invalid access, no leak
    Memory,
    /// Run the tests of the external store alone, with what they measured
    Stores {
        /// Against Valkey, from Python's index, instead of Debian's Redis
        #[arg(long)]
        valkey: bool,
    },
    /// Run the tests and the documentation's examples
    Test,
    /// Check that orderings, models and mutants agree with ORDERINGS.md, and that files are short
    Tidy,
    /// Run the larger checks: oracles, histories, schedules, miri, sanitizers, fuzzing
    Verify {
        /// One lane by its name; all without it
        lane: Option<String>,
        /// Try as much as CI does: minutes instead of an hour
        #[arg(long)]
        quick: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_specification_is_consistent() {
        Flags::command().debug_assert();
    }

    #[test]
    fn bench_can_be_asked_to_open_its_report() {
        let flags = Flags::parse_from(["xtask", "bench", "--open-check"]);
        assert!(matches!(flags.task, Task::Bench { open_check: true, .. }));
    }

    #[test]
    fn bench_hands_its_flags_on() {
        let flags = Flags::parse_from(["xtask", "bench", "--quick", "--entries", "5"]);
        let Task::Bench { arguments, open_check: false } = flags.task else {
            panic!("parsed as another task")
        };
        assert_eq!(arguments, ["--quick", "--entries", "5"]);
    }
}
