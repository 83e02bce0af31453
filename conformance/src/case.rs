//! One row of the table.

use core::fmt;

/// What a case needs to be tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    /// Callbacks, as an external store has them.
    Callbacks,
    /// A TLS handshake.
    Handshake,
    /// Many threads.
    Threads,
    /// Sessions as bytes.
    Serialisation,
    /// The cache alone.
    Unit,
}

/// Who behaves so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// Every version of OpenSSL that was looked at.
    Every,
    /// Nobody, or only some: the better behaviour where OpenSSL's is a defect.
    Fix,
    /// OpenSSL 1.1.1 (and Google's fork of it).
    OpenSsl111,
    /// OpenSSL 4.0.
    OpenSsl4,
}

/// What a case was tried on. A test's module begins with its name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Engine {
    /// The cache, without TLS.
    Cache,
    /// The client side: a connection's slot and the client's cache, without TLS.
    Client,
    /// Handshakes of the system's libssl, on this cache.
    Libssl,
    /// Handshakes of rustls, on this cache.
    Rustls,
}

/// How what we do compares.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// As the case says.
    Conforms,
    /// Otherwise, and the test asserts that; with the reason.
    Diverges(&'static str),
    /// We do the wrong thing, and know it: the test asserts the right one and is expected to fail.
    Gap(&'static str),
    /// It cannot arise here, and there is no test; with the reason.
    NotApplicable(&'static str),
}

/// One case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// 1 to 155.
    pub number: u16,
    /// What it needs.
    pub level: Level,
    /// Who behaves so.
    pub profile: Profile,
    /// Where it is from; the abbreviations are explained in [`report::SOURCES`](crate::report::SOURCES).
    pub source: &'static str,
    /// The section of the survey from which a case was put together whose own text is lost.
    pub reconstructed: Option<&'static str>,
    /// What happens.
    pub text: &'static str,
    /// How we compare.
    pub verdict: Verdict,
    /// What its tests run on, in order; none where it does not apply.
    pub engines: &'static [Engine],
}

impl Case {
    /// A case that was tried on `engines`, and conforms.
    pub(crate) const fn new(
        number: u16,
        level: Level,
        profile: Profile,
        engines: &'static [Engine],
        source: &'static str,
        text: &'static str,
    ) -> Self {
        Self {
            number,
            level,
            profile,
            source,
            reconstructed: None,
            text,
            verdict: Verdict::Conforms,
            engines,
        }
    }

    pub(crate) const fn diverges(mut self, reason: &'static str) -> Self {
        self.verdict = Verdict::Diverges(reason);
        self
    }

    pub(crate) const fn reconstructed(mut self, from: &'static str) -> Self {
        self.reconstructed = Some(from);
        self
    }

    pub(crate) const fn does_not_apply(mut self, reason: &'static str) -> Self {
        self.verdict = Verdict::NotApplicable(reason);
        self
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Callbacks => "X",
            Self::Handshake => "H",
            Self::Threads => "K",
            Self::Serialisation => "S",
            Self::Unit => "U",
        })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Every => "*",
            Self::Fix => "fix",
            Self::OpenSsl111 => "o11",
            Self::OpenSsl4 => "o4",
        })
    }
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cache, Self::Client, Self::Libssl, Self::Rustls];

    /// The module in which its tests are.
    pub const fn module(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Client => "client",
            Self::Libssl => "libssl",
            Self::Rustls => "rustls",
        }
    }
}
