//! How much is tried: a part in CI, all of it in `cargo xtask verify`.

use std::env;
use std::fmt;
use std::time::Instant;

/// `RESUMPTION_EFFORT=full` tries everything; anything else tries CI's part.
pub const EFFORT: &str = "RESUMPTION_EFFORT";

/// `RESUMPTION_SEED=7` runs only the scenario of this seed: what a failure prints.
pub const SEED: &str = "RESUMPTION_SEED";

/// A number for CI and a number for everything.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Of CI.
    pub part: u64,
    /// Of `cargo xtask verify`.
    pub full: u64,
    /// Under miri, which is a few hundred times slower.
    pub miri: u64,
}

impl Amount {
    /// The one that is asked for.
    pub fn get(self) -> u64 {
        if cfg!(miri) {
            self.miri
        } else if env::var(EFFORT).is_ok_and(|effort| effort == "full") {
            self.full
        } else {
            self.part
        }
    }

    /// The seeds from 0 on, or the only one that [`SEED`] names.
    ///
    /// # Panics
    /// When [`SEED`] is not a number.
    pub fn seeds(self) -> std::ops::Range<u64> {
        match env::var(SEED) {
            Ok(seed) => {
                let seed: u64 = seed.parse().expect("RESUMPTION_SEED is a number");
                seed..seed + 1
            }
            Err(_) => 0..self.get(),
        }
    }
}

/// Says what was done, in a line that `cargo xtask verify` collects.
#[derive(Debug)]
pub struct Report {
    name: &'static str,
    began: Instant,
}

impl Report {
    /// Begins one.
    pub fn begin(name: &'static str) -> Self {
        Self { name, began: Instant::now() }
    }

    /// Prints it: `verified: NAME: WHAT, SECONDS s`.
    pub fn end(self, what: impl fmt::Display) {
        println!("verified: {}: {what}, {:.1} s", self.name, self.began.elapsed().as_secs_f64());
    }
}

/// Says how to have it again, if what it guards ends in a panic.
#[derive(Debug)]
pub struct Replay(String);

impl Replay {
    /// For the scenario of this seed.
    pub fn of_seed(seed: u64) -> Self {
        Self(format!("{SEED}={seed} runs this scenario again"))
    }

    /// For this input.
    pub fn of_input(input: impl fmt::Display) -> Self {
        Self(format!("the input was {input}"))
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}
