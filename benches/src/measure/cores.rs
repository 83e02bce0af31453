//! A core of its own for each measuring thread; two left to the scheduler share one at times.

use core_affinity::CoreId;

/// A core for each of `threads`, or none at all when there are not enough.
pub(super) fn for_threads(threads: usize) -> Vec<Option<CoreId>> {
    let cores = core_affinity::get_core_ids().filter(|cores| cores.len() >= threads);
    let cores = cores.unwrap_or_default();
    (0..threads).map(|index| cores.get(index).copied()).collect()
}

/// Keeps the calling thread there.
pub(super) fn stay_on(core: Option<CoreId>) {
    if let Some(core) = core {
        core_affinity::set_for_current(core);
    }
}
