//! 28 to 44: the capacity, and who has to leave.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(28, U, Every, CACHE, "O4; M30", "20 480 by default; setting gives the former value back."),
    case(29, U, Every, CACHE, "M30", "A negative size changes nothing.").reconstructed("§2.6"),
    case(30, U, Every, CACHE, "POD; M30", "Size 0: 100 000 sessions, none evicted."),
    case(31, U, O4, CACHE, "M30", "A size of n holds n - 1, and 1 holds 1.")
        .reconstructed("§2.2")
        .diverges("a capacity of N holds N, as the manual pages have it"),
    case(32, U, O11, CACHE, "O11; B InternalSessionCache", "A size of n holds n."),
    case(
        33,
        U,
        Every,
        CACHE,
        "T; #18690",
        "A new session is never its own victim, even if it ends first.",
    ),
    case(34, U, O4, CACHE, "O4; M30", "The session that ends first is evicted first.")
        .diverges("eviction is CLOCK: what was asked for stays, whenever it ends"),
    case(35, U, O11, CACHE, "O11; B", "The session that came first is evicted first.")
        .diverges("eviction is CLOCK: what was asked for stays, whenever it came"),
    case(36, U, O4, CACHE, "", "Among sessions that end together the oldest insertion goes first.")
        .reconstructed("§1.1")
        .diverges("eviction is CLOCK: one of them goes"),
    case(
        37,
        U,
        Every,
        CACHE,
        "M30",
        "Shrinking evicts nothing; the next add then evicts as many as needed.",
    )
    .reconstructed("§2.6")
    .diverges("in bounded steps: each later insert evicts a few, until the capacity is reached"),
    case(
        38,
        U,
        Every,
        CACHE,
        "O4",
        "After shrinking, the same object again and lookups evict nothing.",
    ),
    case(
        39,
        U,
        Every,
        CACHE,
        "O4; M30",
        "An eviction is counted and reported, and its session is not resumable.",
    )
    .diverges(
        "whoever holds it finds it not resumable; the callback sees it as it was, since an \
            external store may keep it",
    ),
    case(
        40,
        U,
        O4,
        CACHE,
        "O4",
        "Several victims of one add: reported last taken first, outside the lock.",
    )
    .diverges(
        "each once, nothing locked, all of them gone before the first is reported; in no order",
    ),
    case(41, U, Every, CACHE, "O4, O11; B", "A lookup does not change the order of eviction.")
        .diverges("it does: CLOCK keeps what was asked for since the hand passed"),
    case(
        42,
        K,
        Every,
        CACHE,
        "B SessionCacheThreads",
        "4 threads add at the limit: never more than limit + threads, in the end the limit.",
    ),
    case(
        43,
        U,
        Every,
        CACHE,
        "O4; T test_session_timeout",
        "Setting the time or timeout of a cached session moves it in the order.",
    )
    .diverges(
        "its end moves at once, and flushes and lookups go by it; eviction is CLOCK and does not \
            ask",
    ),
    case(44, U, Every, CACHE, "O4", "Of one that is not cached: no cache is touched."),
];
