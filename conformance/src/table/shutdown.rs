//! 120 to 125: how connections end.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        120,
        H,
        Every,
        CLIENT_AND_LIBSSL,
        "S3; M30",
        "Close received alone: removed. Sent: kept. Quiet shutdown: kept.",
    ),
    case(121, H, Every, CLIENT_AND_LIBSSL, "O4 SSL_in_init", "Freed during the handshake: kept."),
    case(
        122,
        H,
        Fix,
        CLIENT_AND_LIBSSL,
        "M30",
        "An unclean close of a resumed connection does not take the session that others share.",
    )
    .reconstructed("§9.2, N13"),
    case(
        123,
        H,
        Every,
        CLIENT,
        "S3; T; M30",
        "Setting another session, or none, on an open connection removes the old one.",
    ),
    case(
        124,
        H,
        Every,
        CLIENT,
        "O4 SSL_clear",
        "Clearing a connection that is open removes its session.",
    )
    .reconstructed("§2.9 and §3.3"),
    case(
        125,
        H,
        Every,
        CLIENT_AND_LIBSSL,
        "O4 ssl3_send_alert",
        "A fatal alert, sent or received, removes the session.",
    ),
];
