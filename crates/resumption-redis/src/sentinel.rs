//! Sentinel: whoever is the primary now.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt, select_ok};
use redis::{Value, cmd};
use resumption_callbacks::StoreError;

use crate::address::Endpoint;
use crate::connect::{Connected, Connector};
use crate::link::Dial;

const NO_PRIMARY: StoreError = StoreError::Unavailable("the sentinels know no such primary");

/// Dials one server.
pub(crate) struct DialServer {
    pub(crate) connector: Arc<Connector>,
    pub(crate) endpoint: Endpoint,
}

impl Dial for DialServer {
    fn dial(&self) -> BoxFuture<'static, Result<Connected, StoreError>> {
        let (connector, endpoint) = (Arc::clone(&self.connector), self.endpoint.clone());
        async move { connector.connect(&endpoint, cmd("PING")).await }.boxed()
    }
}

/// Asks the sentinels who the primary is, and dials it.
pub(crate) struct DialPrimary {
    pub(crate) sentinels: Vec<Endpoint>,
    pub(crate) name: String,
    /// For the sentinels.
    pub(crate) asking: Arc<Connector>,
    /// For the servers.
    pub(crate) connector: Arc<Connector>,
}

impl Dial for DialPrimary {
    fn dial(&self) -> BoxFuture<'static, Result<Connected, StoreError>> {
        let connector = Arc::clone(&self.connector);
        let answers: Vec<_> =
            self.sentinels.iter().map(|sentinel| self.ask(sentinel.clone()).boxed()).collect();
        async move {
            // The first that knows, of at least one; the connections to the others are dropped.
            let (primary, _) = select_ok(answers).await?;
            let connected = connector.connect(&primary, cmd("ROLE")).await?;
            // A sentinel may not know yet that it has failed over.
            if is_primary(&connected.answer) {
                Ok(connected)
            } else {
                Err(StoreError::Unavailable("the primary is none any more"))
            }
        }
        .boxed()
    }
}

impl DialPrimary {
    fn ask(
        &self,
        sentinel: Endpoint,
    ) -> impl Future<Output = Result<Endpoint, StoreError>> + Send + 'static {
        let asking = Arc::clone(&self.asking);
        let mut question = cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        async move {
            let connected = asking.connect(&sentinel, question).await?;
            endpoint(connected.answer).ok_or(NO_PRIMARY)
        }
    }
}

/// The server in `[host, port]`.
fn endpoint(answer: Value) -> Option<Endpoint> {
    let (host, port): (String, u16) = redis::from_redis_value(answer).ok()?;
    (port != 0 && !host.is_empty()).then(|| Endpoint::new(host, port))
}

/// `ROLE` of a primary: `[master, offset, replicas]`.
fn is_primary(role: &Value) -> bool {
    let Value::Array(parts) = role else { return false };
    matches!(parts.first(), Some(Value::BulkString(role)) if role == b"master")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(reply: &str) -> Value {
        redis::parse_redis_value(reply.as_bytes()).expect("a reply")
    }

    #[test]
    fn sentinels_answer_with_an_address_or_nothing() {
        let answer = parsed("*2\r\n$9\r\n127.0.0.1\r\n$4\r\n7301\r\n");
        assert_eq!(endpoint(answer), Some(Endpoint::new("127.0.0.1", 7301)));
        for none in ["*-1\r\n", "*1\r\n$1\r\nx\r\n", "*2\r\n$0\r\n\r\n$1\r\n1\r\n", "+OK\r\n"] {
            assert_eq!(endpoint(parsed(none)), None, "{none:?}");
        }
    }

    #[test]
    fn only_a_primary_is_one() {
        assert!(is_primary(&parsed("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n")));
        assert!(!is_primary(&parsed(
            "*5\r\n$5\r\nslave\r\n$1\r\nh\r\n:1\r\n$9\r\nconnected\r\n:0\r\n"
        )));
        assert!(!is_primary(&parsed("+PONG\r\n")));
    }
}
