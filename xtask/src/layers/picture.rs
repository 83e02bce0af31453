//! The picture of ARCHITECTURE.md as a table: one line a crate.

/// A crate's place.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    /// The crates of ours that it may use.
    pub(super) sees: &'static [&'static str],
    /// How far up it stands. Only tests go by this: they may use whatever lies below.
    pub(super) height: u8,
    /// Where `unsafe` stands: everywhere else it is forbidden.
    pub(super) unsafe_code: UnsafeCode,
    /// Families of foreign crates that have no business here.
    strangers: &'static [&'static str],
}

/// Whether a crate may contain `unsafe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnsafeCode {
    Allowed,
    Forbidden,
    /// In this file alone, for this reason.
    Only {
        file: &'static str,
        reason: &'static str,
    },
}

impl Member {
    pub(super) const fn at(height: u8, name: &'static str, sees: &'static [&'static str]) -> Self {
        Self { name, sees, height, unsafe_code: UnsafeCode::Forbidden, strangers: &[] }
    }

    pub(super) const fn knowing_no(mut self, strangers: &'static [&'static str]) -> Self {
        self.strangers = strangers;
        self
    }

    const fn with_unsafe_code(mut self) -> Self {
        self.unsafe_code = UnsafeCode::Allowed;
        self
    }

    const fn with_unsafe_code_in(mut self, file: &'static str, reason: &'static str) -> Self {
        self.unsafe_code = UnsafeCode::Only { file, reason };
        self
    }

    /// Whether `package` is a stranger here: `tokio` stands for `tokio-rustls` too.
    pub(super) fn must_not_know(&self, package: &str) -> bool {
        self.strangers.iter().any(|family| {
            package
                .strip_prefix(family)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }
}

/// What no crate of the core knows: TLS stacks, runtimes, sockets and stores.
const OUTSIDE: &[&str] = &[
    "async-std",
    "boring",
    "futures",
    "hyper",
    "memcache",
    "mio",
    "openssl",
    "redis",
    "rustls",
    "s2n",
    "smol",
    "socket2",
    "tokio",
];

const OPENSSL_IS_C: &str = "OpenSSL is C: foreign calls are unsafe";

/// From the bottom up. An edge that is not here fails `cargo xtask layers`.
pub(super) const PICTURE: [Member; 21] = [
    // The vocabulary and the mechanism know nothing of ours.
    Member::at(0, "resumption-session", &[]).knowing_no(OUTSIDE),
    Member::at(0, "resumption-map", &[]).knowing_no(OUTSIDE).with_unsafe_code(),
    Member::at(0, "resumption-hello", &[]).knowing_no(OUTSIDE),
    // Meaning: decisions and callbacks, in terms of sessions only.
    Member::at(1, "resumption-policy", &["resumption-session"]).knowing_no(OUTSIDE),
    Member::at(1, "resumption-callbacks", &["resumption-session"]).knowing_no(OUTSIDE),
    // The engine, where meaning and mechanism meet.
    Member::at(
        2,
        "resumption-cache",
        &["resumption-callbacks", "resumption-map", "resumption-policy", "resumption-session"],
    )
    .knowing_no(OUTSIDE),
    // The client's side, which any adapter may use.
    Member::at(
        3,
        "resumption-client",
        &["resumption-cache", "resumption-policy", "resumption-session"],
    )
    .knowing_no(OUTSIDE),
    // Sessions that leave the process, sealed; and what stands between the callbacks and a store.
    Member::at(2, "resumption-sealing", &["resumption-callbacks", "resumption-session"])
        .knowing_no(OUTSIDE),
    Member::at(
        3,
        "resumption-external",
        &["resumption-callbacks", "resumption-sealing", "resumption-session"],
    ),
    // A cache that outlives its process.
    Member::at(
        3,
        "resumption-snapshot",
        &["resumption-cache", "resumption-sealing", "resumption-session"],
    )
    .knowing_no(OUTSIDE),
    // An external store a protocol: callbacks and sessions, never the cache.
    Member::at(3, "resumption-redis", &["resumption-callbacks", "resumption-session"]),
    // An adapter a TLS stack.
    Member::at(
        4,
        "resumption-rustls",
        &["resumption-cache", "resumption-client", "resumption-hello", "resumption-session"],
    ),
    Member::at(
        4,
        "resumption-openssl",
        &["resumption-cache", "resumption-client", "resumption-hello", "resumption-session"],
    )
    .with_unsafe_code_in("crates/resumption-openssl/src/ffi.rs", OPENSSL_IS_C),
    // Programs.
    Member::at(
        5,
        "resumption-server",
        &[
            "resumption-cache",
            "resumption-external",
            "resumption-hello",
            "resumption-openssl",
            "resumption-redis",
            "resumption-rustls",
            "resumption-sealing",
            "resumption-session",
            "resumption-snapshot",
        ],
    ),
    // The facade only re-exports; nothing of ours stands on it.
    Member::at(
        5,
        "resumption",
        &[
            "resumption-cache",
            "resumption-callbacks",
            "resumption-client",
            "resumption-external",
            "resumption-hello",
            "resumption-openssl",
            "resumption-policy",
            "resumption-redis",
            "resumption-rustls",
            "resumption-sealing",
            "resumption-session",
            "resumption-snapshot",
        ],
    ),
    // Unpublished: measuring, modelling, automation.
    Member::at(
        6,
        "resumption-benches",
        &["resumption-cache", "resumption-map", "resumption-rustls", "resumption-session"],
    )
    .with_unsafe_code_in("benches/src/peers/libssl.rs", OPENSSL_IS_C),
    Member::at(
        6,
        "loom-tests",
        &["resumption-cache", "resumption-client", "resumption-map", "resumption-session"],
    ),
    Member::at(
        6,
        "verification",
        &[
            "resumption-cache",
            "resumption-hello",
            "resumption-map",
            "resumption-policy",
            "resumption-rustls",
            "resumption-sealing",
            "resumption-server",
            "resumption-session",
        ],
    ),
    // What its tests use lies below it.
    Member::at(6, "resumption-conformance", &[]),
    // Tests' own servers, which it starts and breaks.
    Member::at(0, "redis-harness", &[]),
    Member::at(6, "xtask", &["redis-harness"]),
];

/// The place of `name` in `picture`.
pub(super) fn find<'p>(picture: &'p [Member], name: &str) -> Option<&'p Member> {
    picture.iter().find(|member| member.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrow_of_the_picture_points_down() {
        for member in &PICTURE {
            for name in member.sees {
                let below = find(&PICTURE, name).expect("an arrow points at a crate");
                assert!(below.height < member.height, "{} -> {name}", member.name);
            }
        }
    }

    #[test]
    fn an_exception_is_a_file_that_is_there_and_has_a_reason() {
        let exceptions = PICTURE.iter().filter_map(|member| match member.unsafe_code {
            UnsafeCode::Only { file, reason } => Some((member.name, file, reason)),
            _ => None,
        });
        let exceptions: Vec<_> = exceptions.collect();
        let names: Vec<_> = exceptions.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, ["resumption-openssl", "resumption-benches"]);
        for (_, file, reason) in exceptions {
            assert!(crate::command::root().join(file).is_file(), "{file}");
            assert!(!reason.is_empty());
        }
    }

    #[test]
    fn only_the_map_may_contain_unsafe_code() {
        let allowed: Vec<_> = PICTURE
            .iter()
            .filter(|member| member.unsafe_code == UnsafeCode::Allowed)
            .map(|member| member.name)
            .collect();
        assert_eq!(allowed, ["resumption-map"]);
    }

    #[test]
    fn a_family_of_strangers_includes_its_members_and_no_one_else() {
        let member = Member::at(0, "here", &[]).knowing_no(&["tokio"]);
        assert!(member.must_not_know("tokio"));
        assert!(member.must_not_know("tokio-rustls"));
        assert!(!member.must_not_know("tokiox"));
        assert!(!member.must_not_know("crossbeam-epoch"));
    }
}
