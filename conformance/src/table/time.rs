//! 45 to 65: times, expiry, flushes, the end of a cache.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        45,
        U,
        Every,
        CACHE,
        "O4 sess_timedout; M30",
        "Valid at the very instant of its end, expired one tick later.",
    ),
    case(46, U, Every, CACHE, "M30", "A flush at the very instant of an end removes nothing.")
        .reconstructed("§2.4"),
    case(47, U, Every, CACHE, "T; M30", "A flush of everything takes what never expires too."),
    case(
        48,
        U,
        Every,
        CACHE,
        "T test_session_timeout",
        "A flush removes exactly the expired: three groups, early, middle, late.",
    ),
    case(
        49,
        U,
        Every,
        CACHE,
        "M30; T",
        "What never expires survives the last flush, and is evicted last.",
    )
    .diverges("the first half; eviction is CLOCK and does not ask when a session ends"),
    case(
        50,
        U,
        Every,
        CACHE,
        "O4 ossl_time_add",
        "Time and timeout add up to never, not to the past.",
    ),
    case(
        51,
        U,
        O4,
        CACHE,
        "O4 ossl_seconds2time",
        "A timeout of 18 446 744 074 s wraps to 0.29 s.",
    )
    .reconstructed("§1.3")
    .diverges("it saturates: never"),
    case(52, U, O4, CACHE, "M30", "A context timeout of -1 is never (4.0), or at once (3.0).")
        .reconstructed("§1.3")
        .diverges("it is refused, and nothing changes"),
    case(
        53,
        U,
        Every,
        CACHE,
        "O4 ssl_get_new_session; M30",
        "A context timeout of 0 means the default for new sessions, and reads back as 0.",
    ),
    case(54, U, Every, CACHE, "M30", "The default is 7200 s, and 304 s for a bare session.")
        .diverges("a session always states its own lifetime: there is no bare one"),
    case(
        55,
        U,
        Every,
        CACHE,
        "M30",
        "A negative lifetime of a session is refused, and nothing changes.",
    ),
    case(56, U, O4, CACHE, "M30", "SSL_SESSION_set_time returns the time that was set, 0 for 0.")
        .diverges("a setter says whether it found the session, and 0 is a time like any"),
    case(57, U, Every, CACHE, "POD; M30", "Another context timeout leaves cached sessions alone."),
    case(
        58,
        U,
        Every,
        CACHE,
        "O4",
        "A flush reports each session once, and none is resumable then.",
    ),
    case(59, U, O4, CACHE, "O4; M30", "A flush reports those that end last first.")
        .diverges("in no order, slice by slice, each once"),
    case(
        60,
        U,
        Every,
        CACHE,
        "S4; M30",
        "The end of a cache reports every session, when the last owner goes.",
    ),
    case(
        61,
        U,
        Every,
        CACHE,
        "O4 SSL_CTX_free",
        "The context's user data is readable in that callback.",
    ),
    case(
        62,
        H,
        Every,
        ALL_THREE,
        "O4; M30",
        "An expired session of TLS 1.2: full handshake, timeouts + 1, removed and reported.",
    ),
    case(63, H, O4, STACKS, "M30", "An expired stateful session of TLS 1.3 is counted and stays.")
        .reconstructed("§2.15")
        .diverges("it leaves like any other, reported as expired"),
    case(
        64,
        H,
        Every,
        NONE,
        "O4 ssl_get_prev_session",
        "An expired stateless ticket: timeouts + 1, nothing is removed.",
    )
    .does_not_apply(
        "a stateless ticket is between libssl and the client: the cache hears nothing of it (case \
            93)",
    ),
    case(
        65,
        U,
        Fix,
        CACHE,
        "B ssl_session_is_time_valid",
        "A clock that steps back lengthens no life; a session from the future is refused.",
    ),
];
