//! The nine OpenSSL flags that say what a cache does by itself.

use core::fmt;
use core::ops::BitOr;

/// Which end of a connection negotiated a session.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Role {
    /// The end that offers sessions.
    Client,
    /// The end that accepts them.
    Server,
}

/// What a cache does by itself: OpenSSL's nine flags, with its names and values.
///
/// Source: `SSL_CTX_set_session_cache_mode(3)`. Two readings are this library's own, where manual
/// and code of OpenSSL disagree:
/// * [`CacheMode::OFF`] keeps nothing and finds nothing in the cache; a get callback is still asked.
/// * a word with bits that have no name is refused, where OpenSSL stores it. (The cache's setter of a
///   bare word stores it too.)
///
/// ```
/// use resumption_policy::{CacheMode, Role};
///
/// let mode = CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP;
/// assert_eq!(mode.bits(), 0x102);
/// assert!(mode.stores(Role::Server) && !mode.stores(Role::Client));
/// assert!(!mode.looks_up());
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct CacheMode(u32);

impl CacheMode {
    /// No session is kept, none is found in the cache. `SSL_SESS_CACHE_OFF`.
    pub const OFF: Self = Self(0x000);
    /// Sessions that a client negotiated are kept. `SSL_SESS_CACHE_CLIENT`.
    pub const CLIENT: Self = Self(0x001);
    /// Sessions that a server negotiated are kept; the default. `SSL_SESS_CACHE_SERVER`.
    pub const SERVER: Self = Self(0x002);
    /// Both. `SSL_SESS_CACHE_BOTH`.
    pub const BOTH: Self = Self(0x003);
    /// Expired sessions are not looked for by the way; a flush is the caller's duty. They still
    /// never resume. `SSL_SESS_CACHE_NO_AUTO_CLEAR`.
    pub const NO_AUTO_CLEAR: Self = Self(0x080);
    /// Lookups ask the get callback only. `SSL_SESS_CACHE_NO_INTERNAL_LOOKUP`.
    pub const NO_INTERNAL_LOOKUP: Self = Self(0x100);
    /// Negotiated sessions and those of the get callback are not kept in the cache; a session
    /// inserted by hand is. `SSL_SESS_CACHE_NO_INTERNAL_STORE`.
    pub const NO_INTERNAL_STORE: Self = Self(0x200);
    /// Both of these. `SSL_SESS_CACHE_NO_INTERNAL`.
    pub const NO_INTERNAL: Self = Self(0x300);
    /// Inserting a session begins its life anew. `SSL_SESS_CACHE_UPDATE_TIME`.
    pub const UPDATE_TIME: Self = Self(0x400);

    const KNOWN: u32 = 0x783;

    /// The word, as `SSL_CTX_set_session_cache_mode` takes it.
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The mode of this word.
    ///
    /// # Errors
    /// [`UnknownModeBits`] if a bit has no name: the caller's fault.
    pub const fn from_bits(bits: u32) -> Result<Self, UnknownModeBits> {
        let unknown = bits & !Self::KNOWN;
        if unknown == 0 { Ok(Self(bits)) } else { Err(UnknownModeBits { unknown }) }
    }

    /// The mode of this word without the bits that have no name.
    #[inline]
    pub const fn from_bits_truncate(bits: u32) -> Self {
        Self(bits & Self::KNOWN)
    }

    /// Whether every flag of `other` is set here. Everything contains [`CacheMode::OFF`].
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether neither role caches.
    #[inline]
    pub const fn is_off(self) -> bool {
        self.0 & Self::BOTH.0 == 0
    }

    /// Whether sessions that `role` negotiated are kept, inside or by the new callback.
    #[inline]
    pub const fn stores(self, role: Role) -> bool {
        self.contains(match role {
            Role::Client => Self::CLIENT,
            Role::Server => Self::SERVER,
        })
    }

    /// Whether a lookup consults the cache itself.
    #[inline]
    pub const fn looks_up(self) -> bool {
        !self.is_off() && !self.contains(Self::NO_INTERNAL_LOOKUP)
    }

    /// Whether sessions enter the cache without being inserted by hand: negotiated ones, and those
    /// that the get callback found.
    #[inline]
    pub const fn stores_internally(self) -> bool {
        !self.is_off() && !self.contains(Self::NO_INTERNAL_STORE)
    }

    /// Whether expired sessions are looked for by the way.
    #[inline]
    pub const fn clears_automatically(self) -> bool {
        !self.contains(Self::NO_AUTO_CLEAR)
    }

    /// Whether inserting a session begins its life anew.
    #[inline]
    pub const fn updates_time(self) -> bool {
        self.contains(Self::UPDATE_TIME)
    }
}

impl Default for CacheMode {
    fn default() -> Self {
        Self::SERVER
    }
}

impl BitOr for CacheMode {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl TryFrom<u32> for CacheMode {
    type Error = UnknownModeBits;

    fn try_from(bits: u32) -> Result<Self, UnknownModeBits> {
        Self::from_bits(bits)
    }
}

impl fmt::Debug for CacheMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 & Self::BOTH.0 {
            0 => "CacheMode(OFF",
            1 => "CacheMode(CLIENT",
            2 => "CacheMode(SERVER",
            _ => "CacheMode(BOTH",
        })?;
        for (flag, name) in [
            (Self::NO_AUTO_CLEAR, " | NO_AUTO_CLEAR"),
            (Self::NO_INTERNAL_LOOKUP, " | NO_INTERNAL_LOOKUP"),
            (Self::NO_INTERNAL_STORE, " | NO_INTERNAL_STORE"),
            (Self::UPDATE_TIME, " | UPDATE_TIME"),
        ] {
            if self.contains(flag) {
                f.write_str(name)?;
            }
        }
        f.write_str(")")
    }
}

/// A mode word has bits that have no name: the caller's fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownModeBits {
    unknown: u32,
}

impl UnknownModeBits {
    /// The bits without a name.
    pub const fn bits(&self) -> u32 {
        self.unknown
    }
}

impl fmt::Display for UnknownModeBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no cache mode flag has the bits {:#x}", self.unknown)
    }
}

impl core::error::Error for UnknownModeBits {}
