//! 1 to 17: adding, replacing, adding the same again.

#[allow(clippy::wildcard_imports, reason = "every row names several of these")]
use super::row::*;
use crate::Case;

pub(super) const CASES: &[Case] = &[
    case(
        1,
        U,
        Every,
        CACHE,
        "S0, S1; O4 SSL_CTX_add_session",
        "A session that is added is held, and no callback is called.",
    ),
    case(2, U, Every, CACHE, "S1 NOTES; T", "The same object again: not added, nothing changes."),
    case(3, U, Every, CACHE, "S1", "Another object under the id replaces the first; one is held."),
    case(4, U, O4, CACHE, "", "A replaced session is not reported, and not marked.")
        .reconstructed("§2.2 and §3.2")
        .diverges("every departure is reported once; this one as replaced, and it resumes no more"),
    case(
        5,
        U,
        Every,
        CACHE,
        "O4 ssl_session_cmp; M30",
        "Sessions of two versions under one id are two entries.",
    )
    .diverges(
        "the key is context and id, as in BoringSSL: the second replaces the first, and a lookup \
            for the other version is refused",
    ),
    case(
        6,
        U,
        Every,
        CACHE,
        "O4 ssl_session_cmp",
        "Ids of 1, 4, 31 and 32 bytes are found exactly; a prefix or a padded id is not.",
    ),
    case(
        7,
        U,
        O4,
        CACHE,
        "",
        "A session with an empty id can be added, never removed, and ends eviction.",
    )
    .reconstructed("§2.2")
    .diverges(
        "an id of no bytes is not an id: it cannot be made, so nothing can be added under it",
    ),
    case(
        8,
        U,
        Fix,
        CACHE,
        "CVE-2024-2511; PR 24044",
        "A session with an empty id does not enter; the cache stays bounded.",
    ),
    case(9, U, O4, CACHE, "", "What is expired, of another context or not resumable can be added.")
        .reconstructed("§2.2")
        .diverges("what could never resume does not enter: refused, with the reason"),
    case(10, U, O4, CACHE, "M30", "A removed session can be added again.")
        .diverges("what was removed does not come back: refused as not resumable"),
    case(11, U, Fix, CACHE, "", "A removed session that is added again does not resume.")
        .reconstructed("§2.2"),
    case(
        12,
        U,
        O4,
        CACHE,
        "O4; T test_session_timeout",
        "Under UPDATE_TIME an added session's time is now.",
    ),
    case(
        13,
        U,
        O4,
        CACHE,
        "",
        "Under UPDATE_TIME the same object again gets the new time, and keeps its old place.",
    )
    .reconstructed("§2.1")
    .diverges("there is no place to keep: its end moves with its time, as in 3.0.19"),
    case(
        14,
        U,
        Fix,
        CACHE,
        "M30 against O4",
        "After that, a flush goes by the new time and leaves nobody out.",
    ),
    case(15, U, Every, CACHE, "O4", "Without UPDATE_TIME the same object again changes no time."),
    case(
        16,
        U,
        Fix,
        CACHE,
        "S3 NOTES; B SessionCrossContextCache",
        "A session of one cache is refused by another, and the first is intact.",
    ),
    case(
        17,
        K,
        Every,
        CACHE,
        "O4 SSL_CTX_add_session",
        "8 threads add sessions of one id: one is held, the others are let go.",
    ),
];
