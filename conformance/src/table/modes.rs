//! 66 to 78: the mode.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        66,
        U,
        Every,
        CACHE,
        "O4; M30",
        "The values 0, 1, 2, 3, 0x80, 0x100, 0x200, 0x300, 0x400; 2 by default; setting gives the \
            former.",
    ),
    case(
        67,
        U,
        O4,
        CACHE,
        "M30",
        "Unknown bits are stored and read back by the numeric setter; the typed mode refuses them.",
    ),
    case(68, H, Every, STACKS, "S2; M30", "SERVER: a new session is cached and resumes."),
    case(
        69,
        H,
        Every,
        STACKS,
        "M30",
        "OFF: nothing is cached, nobody is told, the client gets nothing to resume.",
    )
    .diverges(
        "libssl servers: the client gets an id or tickets nevertheless, which never resume; \
            rustls withholds them",
    ),
    case(70, H, O4, STACKS, "M30", "OFF: what is cached already is still found and resumes.")
        .reconstructed("§2.1")
        .diverges(
            "OFF is no caching, as the manual page has it: nothing is found; it stays for later",
        ),
    case(
        71,
        H,
        Every,
        STACKS,
        "M30",
        "CLIENT on a server: nothing is stored; in TLS 1.3 a ticket is sent that can never resume.",
    )
    .diverges("nothing is stored; rustls sends no ticket that could not resume, libssl does"),
    case(
        72,
        H,
        Every,
        STACKS,
        "S1, S2",
        "NO_INTERNAL_STORE: nothing is held, the new callback is told; what is added by hand \
            resumes.",
    ),
    case(
        73,
        H,
        Every,
        STACKS,
        "S2; M30",
        "NO_INTERNAL_LOOKUP: the get callback is asked at once, and no miss is counted.",
    ),
    case(
        74,
        H,
        Every,
        STACKS,
        "",
        "NO_INTERNAL_LOOKUP does not keep the get callback's answer out of the cache; \
            NO_INTERNAL_STORE does.",
    )
    .reconstructed("§2.1"),
    case(
        75,
        H,
        Every,
        STACKS,
        "M30",
        "NO_INTERNAL: neither stored nor looked up, the callbacks do both.",
    ),
    case(76, H, Every, CLIENT_AND_STACKS, "S2", "NO_INTERNAL_LOOKUP has no effect on a client."),
    case(77, H, Every, STACKS, "O4", "A mode takes effect with the next handshake."),
    case(
        78,
        H,
        Every,
        LIBSSL,
        "M30",
        "After an SNI switch: storing goes by the first context's mode.",
    )
    .reconstructed("§2.1")
    .diverges(
        "by the first cache\'s mode; but nothing is stored if the other host has another \
            isolation context",
    ),
];
