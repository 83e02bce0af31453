//! What has been said of a connection's end.

use core::fmt;

/// Which of the two sides has said that a connection ends in an orderly way (`close_notify`, RFC 8446,
/// section 6.1). OpenSSL: `SSL_get_shutdown(3)`, whose bits these are.
///
/// ```
/// use resumption_client::ShutdownState;
///
/// assert_eq!(ShutdownState::SENT | ShutdownState::RECEIVED, ShutdownState::BOTH);
/// assert_eq!(ShutdownState::from_bits(1), Some(ShutdownState::SENT));
/// assert_eq!(ShutdownState::from_bits(4), None);
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct ShutdownState(u8);

impl ShutdownState {
    /// Neither side has.
    pub const NONE: Self = Self(0);
    /// This side has. OpenSSL: `SSL_SENT_SHUTDOWN`.
    pub const SENT: Self = Self(1);
    /// The other side has. OpenSSL: `SSL_RECEIVED_SHUTDOWN`.
    pub const RECEIVED: Self = Self(2);
    /// Both have; also what a quiet shutdown claims without sending anything.
    pub const BOTH: Self = Self(3);

    /// The state with these bits, if there are no others.
    pub const fn from_bits(bits: u32) -> Option<Self> {
        match bits {
            0 => Some(Self::NONE),
            1 => Some(Self::SENT),
            2 => Some(Self::RECEIVED),
            3 => Some(Self::BOTH),
            _ => None,
        }
    }

    /// The bits of `SSL_get_shutdown(3)`.
    pub const fn bits(self) -> u32 {
        self.0 as u32
    }

    /// Whether this side has said so: what decides whether the session is good.
    pub const fn is_sent(self) -> bool {
        self.0 & Self::SENT.0 != 0
    }

    /// Whether the other side has said so.
    pub const fn is_received(self) -> bool {
        self.0 & Self::RECEIVED.0 != 0
    }
}

impl core::ops::BitOr for ShutdownState {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for ShutdownState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_sent(), self.is_received()) {
            (false, false) => "NONE",
            (true, false) => "SENT",
            (false, true) => "RECEIVED",
            (true, true) => "BOTH",
        })
    }
}
