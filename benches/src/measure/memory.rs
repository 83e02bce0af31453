//! What a session costs beyond its payload: the growth of a process that fills one peer.
//!
//! Resident memory of a child process for each peer, and not a counting allocator: that would not
//! see what OpenSSL takes from the C library, nor what every allocation is rounded up to, and it
//! would need `unsafe`. The price is a resolution of a few pages, nothing next to a million sessions.

use std::env;
use std::fs;
use std::io;
use std::process::Command;

use crate::ids;
use crate::peers::{self, Life, Peer};
use crate::random::Random;

/// Makes and fills one peer, and says by how many bytes for each session that it then holds the process
/// has grown since just before.
pub(crate) type Weigh = fn(usize, usize) -> io::Result<u64>;

/// The same for a `P` of that many sessions, with payloads of that many bytes.
pub(crate) fn weigh<P: Peer>(entries: usize, payload: usize) -> io::Result<u64> {
    let ids = ids::population(entries, &mut Random::new(1));
    let payload = vec![0x5a; payload];
    let before = resident()?;
    let peer = P::filled(entries, &ids, &payload, |_| Life::Long);
    let after = resident()?;
    // Peers with buckets of a fixed size let some go before they are full: those cost nothing.
    let mut local = peer.local();
    let held = ids.iter().filter(|id| peer.get(&mut local, id).is_some()).count();
    Ok(after.saturating_sub(before) / held.max(1) as u64)
}

/// Weighs the peer of this name in a process of its own, and says what it said.
pub(crate) fn in_a_child(name: &str, entries: usize, payload: usize) -> io::Result<f64> {
    let output = Command::new(env::current_exe()?)
        .args(["--weigh", name])
        .args(["--weigh-entries", &entries.to_string()])
        .args(["--payload", &payload.to_string()])
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let bytes = said.trim().parse::<u64>().ok().filter(|_| output.status.success());
    let bytes = bytes.ok_or_else(|| {
        io::Error::other(format!("weighing {name}: {}", String::from_utf8_lossy(&output.stderr)))
    })?;
    Ok(super::count(bytes) - super::count(payload as u64))
}

/// The child's half of [`in_a_child`].
pub(crate) fn answer(name: &str, entries: usize, payload: usize) -> io::Result<()> {
    let all = peers::all();
    let peer = all.iter().find(|peer| peer.name == name);
    let peer = peer.ok_or_else(|| io::Error::other(format!("there is no peer {name}")))?;
    println!("{}", (peer.weigh)(entries, payload)?);
    Ok(())
}

/// Bytes of this process that lie in memory. `statm` would lag by what each thread has counted but
/// not added up yet; this file is exact.
fn resident() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/self/smaps_rollup")?;
    let kilobytes = text.lines().find_map(|line| {
        line.strip_prefix("Rss:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    kilobytes
        .map(|kilobytes| 1024 * kilobytes)
        .ok_or_else(|| io::Error::other("no Rss in /proc/self/smaps_rollup"))
}
