//! 109 to 119: contexts, verification, and what a resumption must not skip.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        109,
        H,
        Every,
        STACKS,
        "M30; B SessionIDContext",
        "Another context: full handshake, nothing counted, the session stays and resumes under \
            its own.",
    )
    .diverges("another context's session is not there, so the lookup is counted as a miss"),
    case(110, U, Every, CACHE, "M30", "A context of 32 bytes is accepted, one of 33 refused."),
    case(
        111,
        H,
        Every,
        CACHE_AND_LIBSSL,
        "M30",
        "Verifying server without a context, session without one: fatal.",
    )
    .diverges(
        "sooner: the adapter refuses such a configuration; a lookup that gets so far is fatal",
    ),
    case(
        112,
        H,
        Every,
        CACHE,
        "M30",
        "Verifying server without a context, session with one: plain full handshake.",
    )
    .reconstructed("§2.8"),
    case(
        113,
        H,
        Every,
        CACHE,
        "M30; PR 5967",
        "Verifying server without a context: nothing is cached, nobody told; a client does cache.",
    ),
    case(
        114,
        H,
        Every,
        LIBSSL,
        "POD; B",
        "A context that is set in the servername callback is too late; in the client_hello \
            callback in time.",
    ),
    case(115, H, Every, LIBSSL, "O4", "The result of verification is restored on resumption."),
    case(
        116,
        H,
        Fix,
        STACKS,
        "CVE-2025-23419; N; rustls #2284",
        "A session made without a client certificate never resumes on a host that requires one.",
    ),
    case(
        117,
        H,
        O4,
        LIBSSL,
        "M30",
        "A suite that the server disabled after caching is still resumed.",
    )
    .reconstructed("§3.1 and §8")
    .diverges("another policy is another context, or invalidates it: full handshake"),
    case(
        118,
        H,
        Every,
        LIBSSL,
        "M30",
        "The session's suite is missing from the client's list: fatal, and the session is removed.",
    ),
    case(
        119,
        H,
        Every,
        STACKS,
        "O4; RFC 7627",
        "Extended master secret in the session and not in the hello: fatal; the reverse: full \
            handshake.",
    ),
];
