//! The identities of pre-shared keys that a client offers (RFC 8446, section 4.2.11).

use core::fmt;

use crate::HelloError;
use crate::cursor::Cursor;

/// The shortest binder: a hash of 32 bytes.
const SHORTEST_BINDER: usize = 32;

/// The length of an identity that is the id of a session. TLS stacks that keep sessions make ids of this
/// length; all other identities are tickets that hold the session themselves.
const ID: usize = 32;

/// The ids among the identities that a client offers, in its order.
///
/// Cheap to clone. `Debug` shows none of them.
#[derive(Clone)]
pub struct Identities<'a> {
    list: Cursor<'a>,
    left: usize,
}

impl<'a> Identities<'a> {
    /// How many identities are looked at, from the first on. Browsers, OpenSSL and Python offer one, and
    /// curl no more. Each costs whoever fetches sessions a request, so there is an end to it.
    pub const MOST: usize = 8;

    /// Of a list that [`checked`] has passed.
    pub(crate) fn of(list: &'a [u8]) -> Self {
        Self { list: Cursor::new(list), left: Self::MOST }
    }
}

impl<'a> Iterator for Identities<'a> {
    type Item = &'a [u8; ID];

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            if let Ok(id) = <&[u8; ID]>::try_from(identity(&mut self.list).ok()?) {
                return Some(id);
            }
        }
        None
    }
}

impl fmt::Debug for Identities<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({} of 32 bytes)", self.clone().count())
    }
}

/// One identity; the age of its ticket is passed over.
fn identity<'a>(list: &mut Cursor<'a>) -> Result<&'a [u8], HelloError> {
    let identity = list.vector()?;
    let _obfuscated_age = list.bytes(4)?;
    Ok(identity)
}

/// The list of identities in the extension's `body`, all of which is checked: no identity is empty, and
/// each has its binder.
pub(crate) fn checked(body: &[u8]) -> Result<&[u8], HelloError> {
    let mut body = Cursor::new(body);
    let list = body.vector()?;
    let binders = body.vector()?;
    body.end()?;
    let (mut identities, mut binders) = (Cursor::new(list), Cursor::new(binders));
    if identities.is_empty() {
        return Err(HelloError::Malformed);
    }
    while !identities.is_empty() {
        let identity = identity(&mut identities)?;
        let binder = binders.short_vector()?;
        if identity.is_empty() || binder.len() < SHORTEST_BINDER {
            return Err(HelloError::Malformed);
        }
    }
    binders.end()?;
    Ok(list)
}
