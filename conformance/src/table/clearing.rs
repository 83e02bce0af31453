//! 79 to 87: clearing by the way.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(79, H, Every, STACKS, "M30", "TLS 1.2: an expired session leaves during handshake 256.")
        .diverges(
            "within a lap of housekeeping: 10 s of traffic, whatever the number of handshakes",
        ),
    case(80, H, Every, STACKS, "M30", "TLS 1.3: during handshake 255.")
        .reconstructed("§2.5")
        .diverges("as case 79"),
    case(81, H, Every, STACKS, "S2", "NO_AUTO_CLEAR: never."),
    case(
        82,
        H,
        Every,
        CACHE,
        "O4 tls_finish_handshake",
        "Only handshakes that succeed count towards the flush, resumed ones among them.",
    )
    .diverges("nothing counts: time alone decides, and every operation does its part, lookups too"),
    case(83, H, Every, CACHE, "M30", "After an SNI switch the first context never flushes.")
        .reconstructed("§2.5")
        .diverges("one cache has one housekeeping for all of its contexts"),
    case(84, H, Every, CACHE, "O4", "Without the bit of a role, its handshakes flush nothing.")
        .diverges("housekeeping does not depend on the role; NO_AUTO_CLEAR ends it"),
    case(
        85,
        H,
        Every,
        CACHE,
        "O4; M30",
        "Traffic of tickets alone flushes nothing; expiry is better independent of it.",
    )
    .diverges("the better way: `maintain` alone clears, and what is expired never resumes"),
    case(86, H, O4, CACHE, "O4", "TLS 1.3 with 2 tickets: the flush runs twice.")
        .diverges("a step is claimed by one operation, and done once"),
    case(87, U, Fix, CACHE, "h2o PR 409; S2", "What an operation clears is bounded."),
];
