//! What went wrong with a request, and what may be done about it.

use redis::{ErrorKind, RedisError, ServerError, Value};
use resumption_callbacks::StoreError;

use crate::address::Endpoint;
use crate::replies::ReplyFault;

/// Why a request has no answer.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Trouble {
    /// This once, another server has the key: it is being moved there. Nothing was done.
    Ask(Endpoint),
    /// The server is no longer the primary. Nothing was done.
    Demoted,
    /// The connection broke; whether anything was done is not known.
    Lost(StoreError),
    /// Another server has the key. Nothing was done.
    Moved(Endpoint),
    /// Nothing to be done about it now.
    Final(StoreError),
}

impl Trouble {
    /// For a caller, when nothing was done about it.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Self::Ask(_) | Self::Moved(_) => {
                StoreError::Refused("the key is elsewhere: the store is a cluster")
            }
            Self::Demoted => StoreError::Refused("read-only"),
            Self::Lost(error) | Self::Final(error) => error,
        }
    }
}

pub(crate) const CONNECTION_ENDED: StoreError = StoreError::Unavailable("the connection ended");
pub(crate) const NO_ANSWER: StoreError = StoreError::TimedOut("no answer");
pub(crate) const NO_CONNECTION: StoreError = StoreError::TimedOut("no connection yet");
pub(crate) const OTHER_ANSWER: StoreError = StoreError::Malformed("an answer to another question");

impl From<ReplyFault> for StoreError {
    fn from(fault: ReplyFault) -> Self {
        match fault {
            ReplyFault::NotTheProtocol => Self::Malformed("not Redis' protocol"),
            ReplyFault::TooLarge => Self::Malformed("a reply is too large"),
        }
    }
}

/// `reply`, unless it is an error.
pub(crate) fn checked(reply: Value) -> Result<Value, Trouble> {
    match reply {
        Value::ServerError(error) => Err(of_reply(&error)),
        reply => Ok(reply),
    }
}

/// What the server's error means. By its code: the texts differ between versions.
pub(crate) fn of_reply(error: &ServerError) -> Trouble {
    let details = error.details().unwrap_or_default();
    let no = |detail| Trouble::Final(StoreError::Refused(detail));
    let not_now = |detail| Trouble::Final(StoreError::Unavailable(detail));
    match error.code() {
        "ASK" => redirection(details).map_or(malformed_redirection(), Trouble::Ask),
        "MOVED" => redirection(details).map_or(malformed_redirection(), Trouble::Moved),
        "READONLY" => Trouble::Demoted,
        "OOM" => no("the store is full"),
        "NOAUTH" | "WRONGPASS" => no("wrong or missing credentials"),
        "NOPERM" => no("the user may not do that"),
        "MISCONF" | "NOREPLICAS" => no("the store takes no writes for now"),
        "WRONGTYPE" => no("the key holds something else"),
        "LOADING" => not_now("the store is loading"),
        "CLUSTERDOWN" => not_now("the cluster is down"),
        "MASTERDOWN" => not_now("the primary is down"),
        "TRYAGAIN" => not_now("the key is being moved"),
        "BUSY" => not_now("the store is busy"),
        "ERR" => of_general(details),
        _ => no("an error"),
    }
}

/// What has no code of its own has to be known by its words.
fn of_general(details: &str) -> Trouble {
    let words = |text| details.starts_with(text);
    let no = |detail| Trouble::Final(StoreError::Refused(detail));
    if words("max number of clients") {
        Trouble::Final(StoreError::Unavailable("the store has too many clients"))
    } else if words("unknown command") {
        no("an unknown command: Redis 6.2 is needed")
    } else if words("invalid password")
        || words("Client sent AUTH")
        || words("AUTH <password> called without any password")
    {
        no("wrong or missing credentials")
    } else {
        no("an error")
    }
}

/// The server in `slot host:port`.
fn redirection(details: &str) -> Option<Endpoint> {
    Endpoint::of_redirection(details.split(' ').nth(1)?)
}

fn malformed_redirection() -> Trouble {
    Trouble::Final(StoreError::Malformed("a redirection to nowhere"))
}

/// What the protocol's library says of a request that got no reply.
pub(crate) fn of_library(error: &RedisError, fault: Option<ReplyFault>) -> Trouble {
    if let Some(fault) = fault {
        return Trouble::Final(fault.into());
    }
    match error.kind() {
        ErrorKind::Parse => Trouble::Final(ReplyFault::NotTheProtocol.into()),
        _ => Trouble::Lost(CONNECTION_ENDED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reply: &str) -> Trouble {
        let value = redis::parse_redis_value(format!("-{reply}\r\n").as_bytes()).expect("a reply");
        checked(value).expect_err("an error")
    }

    #[test]
    fn errors_of_the_server_are_told_apart_by_whose_fault_they_are() {
        for (reply, expected) in [
            ("OOM command not allowed when used memory > 'maxmemory'.", "refused"),
            ("NOAUTH Authentication required.", "refused"),
            ("WRONGPASS invalid username-password pair or user is disabled.", "refused"),
            ("ERR invalid password", "refused"),
            ("ERR unknown command 'GETDEL', with args beginning with: 'x' ", "refused"),
            ("NOPERM this user has no permissions", "refused"),
            ("LOADING Redis is loading the dataset in memory", "unavailable"),
            ("CLUSTERDOWN Hash slot not served", "unavailable"),
            ("ERR max number of clients reached", "unavailable"),
            ("MOVED 1 nowhere", "malformed"),
        ] {
            assert_eq!(of(reply).into_error().as_str(), expected, "{reply}");
        }
        assert_eq!(of("READONLY You can't write against a read only replica."), Trouble::Demoted);
        assert_eq!(of("MOVED 3999 10.0.0.1:6381"), Trouble::Moved(Endpoint::new("10.0.0.1", 6381)));
        assert_eq!(of("ASK 3999 10.0.0.1:6381"), Trouble::Ask(Endpoint::new("10.0.0.1", 6381)));
    }
}
