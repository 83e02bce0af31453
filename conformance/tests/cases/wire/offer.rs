//! The one call that libssl's safe interface does not have.

use openssl::ssl::{Ssl, SslContext, SslSession};

/// A connection that will offer `session`.
pub(super) fn offering(context: &SslContext, session: Option<&SslSession>) -> Ssl {
    let mut connection = Ssl::new(context).unwrap();
    if let Some(session) = session {
        // SAFETY: the session must not be in the cache of another context. It was decoded a moment ago,
        // is in no cache, and goes with this connection.
        unsafe { connection.set_session(session) }.unwrap();
    }
    connection
}
