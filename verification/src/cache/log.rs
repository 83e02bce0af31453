//! Everything that the remove callback was told.

use std::sync::{Arc, Mutex, PoisonError};

use resumption_cache::{Callbacks, Removal, RemovalReason};
use resumption_session::{SecretBytes, SecretRef, SessionId, SessionIdContext};

/// A log; clones are the same one.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<Gone>>>);

/// One call of the callback.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gone {
    pub(super) context: SessionIdContext,
    pub(super) id: SessionId,
    /// The session's number; `None` for a removal of what was not there.
    pub(super) number: Option<u64>,
    pub(super) reason: RemovalReason,
}

impl Log {
    pub(super) fn callbacks(&self) -> Callbacks {
        let log = self.clone();
        Callbacks::none().on_remove(move |removal: Removal<'_>| {
            log.lock().push(Gone {
                context: *removal.context,
                id: *removal.id,
                number: removal.session.map(|session| number(session.payload())),
                reason: removal.reason,
            });
        })
    }

    pub(super) fn drain(&self) -> Vec<Gone> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Gone>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number at the beginning of a payload.
pub(super) fn number(payload: SecretRef<'_>) -> u64 {
    let start = payload.expose().first_chunk().copied();
    u64::from_le_bytes(start.unwrap_or_else(|| unreachable!("payloads have at least 8 bytes")))
}

/// A payload of so many bytes that begins with a number.
pub(super) fn payload(number: u64, bytes: usize) -> SecretBytes {
    let mut payload = Vec::with_capacity(bytes);
    payload.extend_from_slice(&number.to_le_bytes());
    payload.resize(bytes, 0x5a);
    SecretBytes::new(payload)
}
