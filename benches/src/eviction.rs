//! Which policy resumes the most clients: traces with dimensions that can be varied, and a simulation
//! of the policies on them.
//!
//! `population` says who there is, `arrivals` makes traces of it, `families` says which, `replay` lets
//! clients and server take turns, `policies` holds one file a policy, `simulate` counts, `contenders`
//! says who takes part and at how many bytes a session, `compare` runs them all, `verdict` judges
//! candidates, and `report` writes it down.
//!
//! What was found is in `benches/results/eviction.md`.

mod arrivals;
mod chance;
mod compare;
mod contenders;
mod families;
mod first_lap;
mod policies;
mod population;
mod replay;
mod report;
mod simulate;
mod trace;
mod verdict;
mod wallets;

pub use compare::{Effort, Equal, HitRatio, hit_ratios};
pub use report::run;
