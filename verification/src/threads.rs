//! Threads: shuttle's tasks in its builds, and the system's otherwise.

#[cfg(resumption_shuttle)]
pub(crate) use shuttle::thread::spawn;
#[cfg(not(resumption_shuttle))]
pub(crate) use std::thread::spawn;
