//! Ports that nobody has.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::fault::Fault;

/// Below those that the system gives to connections, so that a server's port is still free when it is
/// started again.
const FIRST: u32 = 20_000;
const NUMBER: u32 = 10_000;

/// A loopback port that is free now, and that this process has not been given before.
///
/// # Errors
/// If none is free.
pub fn free_port() -> Result<u16, Fault> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..NUMBER {
        // Processes begin at different places, so that two that run at once seldom want the same.
        let step =
            NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(process::id().wrapping_mul(61));
        let port = u16::try_from(FIRST + step % NUMBER).unwrap_or(u16::MAX);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Fault::new("no free port on loopback"))
}
