//! 141 to 155: ids, counters, serialisation, the client, wiping.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        141,
        H,
        Every,
        CACHE_AND_LIBSSL,
        "M30",
        "The id callback: none or 33 bytes are fatal, 4 are used.",
    ),
    case(
        142,
        H,
        Every,
        CACHE_AND_LIBSSL,
        "M30",
        "An id that the cache has already: the handshake fails.",
    ),
    case(
        143,
        U,
        Every,
        CACHE,
        "M30; O4",
        "Whether an id is taken: of 33 bytes never, and an expired one counts.",
    ),
    case(
        144,
        U,
        Fix,
        CACHE,
        "M30",
        "20 000 ids with a common prefix: as fast as random ones, within three times.",
    ),
    case(
        145,
        H,
        Every,
        STACKS,
        "M30",
        "The counters after full, resumed, expired and external handshakes.",
    )
    .diverges("as in OpenSSL, but that a session of another context is a miss (case 109)"),
    case(
        146,
        H,
        Every,
        CLIENT_AND_STACKS,
        "M30",
        "An offered session that the server refuses: a miss of the client's.",
    ),
    case(
        147,
        H,
        Every,
        CACHE_AND_LIBSSL,
        "M30",
        "An SNI switch moves accepts to the new context, hits and misses stay.",
    ),
    case(
        148,
        H,
        Every,
        CLIENT_AND_STACKS,
        "M30",
        "A client offers an expired session of TLS 1.2; better not.",
    )
    .diverges("the better way: the client's cache never offers one"),
    case(
        149,
        S,
        Every,
        LIBSSL,
        "O4 ssl_asn1.c",
        "A session survives DER: id, context, key, cipher, times, and the rest.",
    ),
    case(
        150,
        S,
        O4,
        LIBSSL,
        "M30",
        "A timeout of 0 comes back from DER as 3 s, an absent time as now.",
    )
    .reconstructed("§2.10")
    .diverges(
        "an absent time is refused; a timeout of 0 is still 3 s, but the cache goes by its own",
    ),
    case(
        151,
        S,
        Every,
        LIBSSL,
        "M30; O4",
        "Truncated or wrong DER is an error; trailing bytes are noticed.",
    ),
    case(152, S, Every, LIBSSL, "M30", "A session without a cipher has no DER.").diverges(
        "it cannot be decoded either, and none is negotiated: no such session ever comes to that",
    ),
    case(
        153,
        S,
        Every,
        LIBSSL,
        "the usual duty of a decoder",
        "A million mutated encodings: no panic, no unbounded memory.",
    ),
    case(
        154,
        U,
        Every,
        CACHE_AND_CLIENT,
        "POD",
        "What get1 gives outlives a removal; what get0 gives is a loan.",
    ),
    case(
        155,
        U,
        Every,
        CACHE,
        "O4 SSL_SESSION_free",
        "After the last reference the secrets are zero.",
    ),
];
