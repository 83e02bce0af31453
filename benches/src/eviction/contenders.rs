//! Who is compared, and how many bytes a session costs each.

use super::policies::clock::Clock;
use super::policies::fifo::Fifo;
use super::policies::lineage_clock::{CANDIDATES, Candidate};
use super::policies::lru::Lru;
use super::policies::random::AnyOne;
use super::policies::s3_fifo::S3Fifo;
use super::policies::sieve::Sieve;
use super::policies::tiny_lfu::TinyLfu;
use super::policies::{Policy, Size};

/// The secret of a session, in bytes; what the overheads below were measured with.
pub(crate) const PAYLOAD: u32 = 200;

/// This cache's bytes a session beyond the payload, the id included: measured (`cargo xtask gates`).
/// CLOCK's own part of it is the one byte of credit.
pub(crate) const OURS: u32 = 136;

/// Two links of 32 bits, for policies whose order is a list (slots are numbered with 32 bits).
const LIST: u32 = 8;

/// A count-min sketch of eight 4-bit counters an entry, as Caffeine sizes it.
const SKETCH: u32 = 4;

/// What decides who leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Method {
    /// The bound over all policies.
    Belady,
    /// CLOCK with credit by lineage.
    Lineage(Candidate),
    /// Anything else that can be simulated.
    Policy(fn(Size, u64) -> Box<dyn Policy>),
}

/// One row of the tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    /// Bytes a session beyond the payload.
    pub(crate) overhead: u32,
    pub(crate) kind: Kind,
}

/// What a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To be judged against CLOCK.
    Candidate,
    /// A policy in a cache otherwise like ours.
    Policy,
    /// A whole cache as it can be had: differs from its policy's own row at equal bytes only.
    System,
}

/// The row that all are compared with.
pub(crate) const CLOCK: &str = "CLOCK";

const fn policy(
    name: &'static str,
    overhead: u32,
    make: fn(Size, u64) -> Box<dyn Policy>,
) -> Contender {
    Contender { name, method: Method::Policy(make), overhead, kind: Kind::Policy }
}

const fn system(
    name: &'static str,
    overhead: u32,
    make: fn(Size, u64) -> Box<dyn Policy>,
) -> Contender {
    Contender { name, method: Method::Policy(make), overhead, kind: Kind::System }
}

fn clock(size: Size, seed: u64) -> Box<dyn Policy> {
    Box::new(Clock::new(size, seed))
}

fn fifo(size: Size, _seed: u64) -> Box<dyn Policy> {
    Box::new(Fifo::new(size))
}

fn lru(size: Size, _seed: u64) -> Box<dyn Policy> {
    Box::new(Lru::new(size))
}

fn random(size: Size, seed: u64) -> Box<dyn Policy> {
    Box::new(AnyOne::new(size, seed))
}

fn s3_fifo(size: Size, _seed: u64) -> Box<dyn Policy> {
    Box::new(S3Fifo::new(size))
}

fn sieve(size: Size, _seed: u64) -> Box<dyn Policy> {
    Box::new(Sieve::new(size))
}

fn tiny_lfu(size: Size, _seed: u64) -> Box<dyn Policy> {
    Box::new(TinyLfu::new(size))
}

/// The policies, in a cache otherwise like ours; and caches that can be had, by their policy and by the
/// bytes that each was measured to need for a session beyond a payload of 200 bytes (1 M sessions,
/// resident memory; OpenSSL 3.0.19 and 4.0.3, rustls 0.23, lru 0.16, `quick_cache` 0.7, moka 0.12).
const FIXED: [Contender; 14] = [
    policy(CLOCK, OURS, clock),
    policy("LRU", OURS + LIST, lru),
    policy("FIFO", OURS + LIST, fifo),
    policy("SIEVE", OURS + LIST, sieve),
    policy("S3-FIFO", OURS + LIST, s3_fifo),
    policy("W-TinyLFU", OURS + LIST + SKETCH, tiny_lfu),
    policy("random", OURS, random),
    Contender { name: "Belady", method: Method::Belady, overhead: OURS, kind: Kind::Policy },
    system("OpenSSL 3.0 (FIFO)", 1052, fifo),
    system("OpenSSL 4.0 (FIFO)", 988, fifo),
    system("rustls (FIFO)", 231, fifo),
    system("lru (LRU)", 140, lru),
    system("quick_cache (S3-FIFO)", 110, s3_fifo),
    system("moka (W-TinyLFU)", 418, tiny_lfu),
];

const fn candidate(name: &'static str, make: fn(Size, u64) -> Box<dyn Policy>) -> Contender {
    Contender { name, method: Method::Policy(make), overhead: OURS, kind: Kind::Candidate }
}

fn sparing(size: Size, seed: u64, entries: usize) -> Box<dyn Policy> {
    Box::new(Clock::new(size, seed).sparing_at_most(entries))
}

/// Candidates that have nothing to do with lineage. The control says how far chance alone goes.
const OTHER_CANDIDATES: [Contender; 3] = [
    candidate("CLOCK: other hashes (control)", |size, seed| clock(size, !seed)),
    candidate("CLOCK: spares at most 64", |size, seed| sparing(size, seed, 64)),
    candidate("CLOCK: spares any number", |size, seed| sparing(size, seed, usize::MAX)),
];

/// Who takes part where candidates are not judged, CLOCK first.
pub(crate) fn known() -> Vec<Contender> {
    FIXED.to_vec()
}

/// Everybody, CLOCK first.
pub(crate) fn all() -> Vec<Contender> {
    let candidates = CANDIDATES.map(|candidate| Contender {
        name: candidate.name,
        method: Method::Lineage(candidate),
        overhead: OURS + candidate.spends.bytes(),
        kind: Kind::Candidate,
    });
    FIXED.into_iter().chain(OTHER_CANDIDATES).chain(candidates).collect()
}
