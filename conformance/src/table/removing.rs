//! 18 to 27: removing.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        18,
        U,
        Every,
        CACHE,
        "S1; T",
        "A cached session is removed: reported once, no longer resumable, let go.",
    ),
    case(
        19,
        U,
        Every,
        CACHE,
        "S1; T",
        "Removing what is not cached fails, and marks the object that was given.",
    ),
    case(
        20,
        U,
        Every,
        CACHE,
        "O4; ATS PR 1389",
        "The remove callback hears of it also when nothing was cached.",
    )
    .reconstructed("§2.3 and §3.2"),
    case(21, U, Every, NONE, "O4", "Removing NULL fails, and calls nothing.")
        .does_not_apply("a reference to an id is never null"),
    case(22, U, Every, NONE, "O4", "Removing a session with an empty id fails, and marks nothing.")
        .does_not_apply("an id of no bytes cannot be made (case 8)"),
    case(
        23,
        U,
        O4,
        CACHE,
        "M30",
        "Removing through a copy: the callback receives the copy, and only that is marked.",
    )
    .reconstructed("§2.3 and case 24")
    .diverges("the callback is given what was cached and leaves; case 24 has the mark"),
    case(24, U, Fix, CACHE, "B remove_session", "Removing through a copy marks the original too."),
    case(
        25,
        K,
        Every,
        CACHE,
        "O4",
        "What a lookup holds while another thread removes it stays readable.",
    ),
    case(26, U, Every, CACHE, "O4", "Removing twice: the second fails, and is told too."),
    case(
        27,
        U,
        Every,
        CACHE,
        "O4; PR 31540",
        "The remove callback may add, remove and flush: after removals, evictions and flushes.",
    ),
];
