//! A session that a TLS stack keeps as an object of its own, instead of bytes.

use core::any::Any;
use core::fmt;

use crate::SecretBytes;

/// A session in the form in which a TLS stack works with it: OpenSSL's `SSL_SESSION`, say.
///
/// Such a session is cached as it is, so that a hit decodes nothing. Whoever finds it gets a reference,
/// and asks for the type that it put in:
///
/// ```
/// use std::any::Any;
/// use resumption_session::{SecretBytes, SessionObject};
///
/// struct Resumable { keys: SecretBytes }
///
/// impl SessionObject for Resumable {
///     fn weight(&self) -> usize {
///         size_of::<Self>() + self.keys.allocated()
///     }
///
///     fn encode(&self) -> Option<SecretBytes> {
///         Some(self.keys.duplicate())
///     }
/// }
///
/// let object: &dyn SessionObject = &Resumable { keys: SecretBytes::new(vec![7; 48]) };
/// let found: &dyn Any = object;
/// assert_eq!(found.downcast_ref::<Resumable>().map(|resumable| resumable.keys.len()), Some(48));
/// ```
///
/// # Contract
/// * An object never changes: several threads may hold it at once, for different handshakes. What a
///   handshake writes to, it duplicates first.
/// * Dropping it wipes its secrets, and does not panic. A cache drops it some time after the session has
///   left, on any thread, when nothing is locked or pinned.
pub trait SessionObject: Any + Send + Sync {
    /// How many bytes of memory it takes, for a cache's bound in bytes. Always the same.
    fn weight(&self) -> usize;

    /// The session as bytes that can leave the process; `None` where there is no such form. Only
    /// external stores ask, and seal what they get.
    fn encode(&self) -> Option<SecretBytes>;
}

impl fmt::Debug for dyn SessionObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionObject({} bytes)", self.weight())
    }
}
