//! What the halves for loom and for shuttle share: in a model nothing is left to chance.

use std::sync::OnceLock;

pub(crate) fn cpus() -> usize {
    1
}

/// A model must not read randomness.
pub(crate) fn hasher(seed: Option<u64>) -> ahash::RandomState {
    let seed = seed.unwrap_or(1);
    ahash::RandomState::with_seeds(seed, !seed, seed.rotate_left(17), seed.rotate_left(41))
}

/// Lets another thread go on, the `round`th time in a row; whether it is worth another round.
pub(crate) fn wait(round: u32) -> bool {
    super::yield_now();
    round < 63
}

/// Whether the named fault is to be made (`RESUMPTION_MUTANT=name`), for the proof that the models notice.
pub(crate) fn mutant(name: &str) -> bool {
    static CHOSEN: OnceLock<String> = OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("RESUMPTION_MUTANT").unwrap_or_default()) == name
}

/// Nothing: a hint would only multiply states.
pub(crate) fn prefetch<T>(_link: &super::AtomicPtr<T>) {}
