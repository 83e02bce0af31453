//! What an unclean close does to a session.

/// What becomes of a session whose connection ends without a `close_notify`, once its handshake is over.
/// After a fatal alert, a session is removed whatever this says (RFC 5246, section 7.2.2).
///
/// An end that was not announced may be an attacker's doing, who cuts off what he cannot read; TLS 1.0
/// therefore forbids to resume such a session (RFC 2246, section 7.2.1). TLS 1.1 takes that back (RFC 4346,
/// section 7.2.1): hardly anybody complied, and many clients do not say goodbye.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum UncleanClose {
    /// It stays.
    Keep,
    /// It is removed, whoever made it: what `SSL_set_session(3)` and `SSL_CTX_sess_set_get_cb(3)` say to the
    /// letter. One peer that breaks off then ends the session for all connections that share it.
    Remove,
    /// It is removed if the connection made it. A session that the connection was resumed with stays.
    RemoveOwn,
}
