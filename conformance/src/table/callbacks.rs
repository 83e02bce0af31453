//! 88 to 108: callbacks.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        88,
        X,
        Every,
        CACHE,
        "S4",
        "Callbacks that are set are read back; none where none is set.",
    ),
    case(
        89,
        H,
        Every,
        STACKS,
        "O4 ssl_update_cache",
        "The new callback is called once a new session of TLS 1.2, which is in the cache by then.",
    ),
    case(
        90,
        H,
        Every,
        STACKS,
        "T; M30",
        "Not when TLS 1.2 resumes; once for each ticket of TLS 1.3, on a resumption too.",
    )
    .diverges("rustls sends two tickets on a resumption too, and each is announced; libssl one"),
    case(91, X, O4, STACKS, "M30", "The new callback says no: the session stays and resumes.")
        .reconstructed("§2.12 and §5, D3")
        .diverges("it is removed at once, as the manual page has it"),
    case(92, H, Every, LIBSSL, "M30", "Not for TLS 1.2 sessions that travel as tickets."),
    case(
        93,
        H,
        Every,
        LIBSSL,
        "M30",
        "For stateless tickets of TLS 1.3 the new callback is called, nothing is cached.",
    )
    .diverges("a stateless ticket is nobody's entry: not stored, and nobody is told"),
    case(
        94,
        X,
        Every,
        CACHE,
        "",
        "The new callback receives a reference: 1 keeps it, 0 gives it back.",
    )
    .reconstructed("§2.12")
    .diverges("it borrows the session, and copies what it keeps; nothing can leak"),
    case(95, X, Every, NONE, "M30", "The get callback's copy argument is 1 on entry.")
        .does_not_apply(
            "the get callback gives an owned session: there is no argument to say whose it is",
        ),
    case(
        96,
        X,
        Every,
        NONE,
        "O4; M30",
        "copy left at 1: a reference is counted; 0: it was given away.",
    )
    .does_not_apply("as case 95"),
    case(
        97,
        X,
        Every,
        ALL_THREE,
        "M30",
        "What the get callback found is cached: the next resumption does not ask it.",
    ),
    case(
        98,
        X,
        Every,
        ALL_THREE,
        "M30",
        "Internal miss, then found: misses, cb_hits and hits + 1.",
    ),
    case(99, X, Every, ALL_THREE, "T", "The get callback has nothing: full handshake, misses + 1."),
    case(
        100,
        X,
        Every,
        CACHE,
        "M30; T",
        "The get callback's session is not resumable: full handshake, no cb_hit, let go.",
    ),
    case(
        101,
        X,
        O4,
        CACHE,
        "O4, O36 against M30",
        "The get callback's session has another id: cached, then refused.",
    )
    .reconstructed("§2.12")
    .diverges("refused and counted, and it does not enter the cache"),
    case(
        102,
        X,
        O4,
        CACHE,
        "M30",
        "The get callback's session is of another context: cached, then refused.",
    )
    .reconstructed("§2.12")
    .diverges("refused and counted, and it does not enter the cache"),
    case(
        103,
        X,
        Every,
        CACHE,
        "M30",
        "The get callback's session is expired: timeouts + 1, cb_hits + 1, reported once.",
    )
    .diverges("no cb_hit: a lookup is counted once, here as expired"),
    case(
        104,
        X,
        Every,
        STACKS,
        "O4; M30; #11039",
        "The get callback is not asked with an empty id, nor for tickets, nor without a session \
            offered.",
    ),
    case(
        105,
        H,
        Every,
        LIBSSL,
        "S4; M30",
        "An unclean close removes and reports the session, a clean one does not.",
    ),
    case(
        106,
        H,
        Every,
        CACHE,
        "M30",
        "The remove callback can hear of ids that were never announced.",
    )
    .reconstructed("§2.12"),
    case(
        107,
        K,
        Every,
        CACHE,
        "O4",
        "A callback that blocks does not block other threads' lookups.",
    ),
    case(
        108,
        X,
        Fix,
        CACHE,
        "rustls #264; s2n #780",
        "A slow get callback stops nobody else; equal gets are coalesced; a deadline is a miss.",
    )
    .diverges(
        "the first third; coalescing and deadlines are an external store's own, not the cache's",
    ),
];
