//! 126 to 140: TLS 1.3, single use, early data.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        126,
        H,
        Every,
        STACKS,
        "M30",
        "Stateful TLS 1.3: 2 sessions a full handshake, 1 more a resumption, 32 bytes a ticket.",
    )
    .diverges("the session that is used leaves (case 127); rustls sends two more on a resumption"),
    case(127, H, Every, STACKS, "M30", "Stateful, no early data: a ticket resumes twice.")
        .diverges("a ticket of TLS 1.3 is single-use"),
    case(
        128,
        H,
        Every,
        LIBSSL,
        "M30",
        "With early data: the first use takes the session, the second is a full handshake.",
    ),
    case(
        129,
        X,
        O4,
        CACHE,
        "M30; #6313",
        "Single use with an external store alone: refused, and deleted from the store.",
    )
    .reconstructed("§2.15 and §9.2, N2")
    .diverges("a store that can take decides: it resumes once"),
    case(
        130,
        H,
        O4,
        LIBSSL,
        "M30",
        "Single use with a HelloRetryRequest: the first hello burns the session.",
    )
    .reconstructed("§2.15 and §9.2, N3")
    .diverges("the connection keeps what it took: it resumes"),
    case(
        131,
        H,
        O4,
        STACKS,
        "M30",
        "Stateful with a HelloRetryRequest: resumed, and counted twice.",
    )
    .diverges("counted once"),
    case(
        132,
        K,
        Every,
        CACHE,
        "O4; R; RFC 8446, 8.1",
        "64 threads present one single-use session: one resumes.",
    ),
    case(
        133,
        X,
        Fix,
        CACHE,
        "none of the other stacks",
        "The same with two caches and one store: one resumes.",
    ),
    case(134, H, Fix, STACKS, "O4 and R", "A wrong binder does not use a ticket up.").diverges(
        "it does: both stacks take before they check the binder; the owner then has a full \
            handshake",
    ),
    case(135, H, Every, LIBSSL, "O4", "Without anti-replay: stateless tickets, reusable."),
    case(
        136,
        H,
        Every,
        STACKS,
        "O4 tls_get_stateful_ticket",
        "An identity of 31 or 33 bytes is not looked up.",
    ),
    case(
        137,
        H,
        Every,
        CLIENT_AND_STACKS,
        "T; M30",
        "A client of TLS 1.3: the used session is removed, and each new ticket announced.",
    ),
    case(
        138,
        H,
        Every,
        ALL_THREE,
        "M30; B SessionTimeout",
        "Each resumption of TLS 1.3 begins the time anew; better with a cap on the lineage.",
    )
    .diverges("with the cap: a week from the full handshake, unless configured"),
    case(
        139,
        H,
        Every,
        LIBSSL,
        "T test_ticket_lifetime",
        "The lifetime hint of a ticket is the timeout; in TLS 1.3 a week at most.",
    ),
    case(
        140,
        H,
        Fix,
        CLIENT,
        "#32226; RFC 8446, 4.6.1",
        "A client does not keep a ticket of no lifetime.",
    )
    .diverges("nor do ours, but for rustls clients: rustls 0.23 hides the lifetime and offers it"),
];
