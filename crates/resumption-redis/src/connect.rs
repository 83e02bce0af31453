//! A connection, from the name of a server to its first answer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, FutureExt, select};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ProtocolVersion, RedisConnectionInfo, Value};
use resumption_callbacks::StoreError;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::address::Endpoint;
use crate::bounded::{Bounded, Verdict};
use crate::credentials::Credentials;
use crate::failure::{CONNECTION_ENDED, Trouble, checked, of_library};
use crate::replies::Limits;

/// How to reach the servers of a store.
pub(crate) struct Connector {
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) database: u32,
    pub(crate) limits: Limits,
    pub(crate) within: Duration,
}

/// A connection that has answered once.
pub(crate) struct Connected {
    pub(crate) connection: MultiplexedConnection,
    /// Carries requests and replies; the connection ends with it.
    pub(crate) driver: BoxFuture<'static, ()>,
    pub(crate) verdict: Arc<Verdict>,
    /// What it answered.
    pub(crate) answer: Value,
}

impl Connector {
    /// Connects, logs in, and asks `question`: a connection is up when something was answered.
    pub(crate) async fn connect(
        &self,
        endpoint: &Endpoint,
        question: Cmd,
    ) -> Result<Connected, StoreError> {
        let attempt = self.attempt(endpoint, question);
        timeout(self.within, attempt).await.unwrap_or(Err(StoreError::Unavailable("no connection")))
    }

    async fn attempt(&self, endpoint: &Endpoint, question: Cmd) -> Result<Connected, StoreError> {
        let tcp = TcpStream::connect((endpoint.host.as_str(), endpoint.port))
            .await
            .map_err(|_| StoreError::Unavailable("no connection"))?;
        // Each request is one write, and somebody waits for it.
        tcp.set_nodelay(true).map_err(|_| StoreError::Unavailable("no connection"))?;
        match &self.tls {
            None => self.log_in(tcp, question).await,
            Some(config) => {
                let name = ServerName::try_from(endpoint.host.clone())
                    .map_err(|_| StoreError::Unavailable("no name for a certificate"))?;
                let connector = TlsConnector::from(Arc::clone(config));
                let stream = connector.connect(name, tcp).await.map_err(|error| of_tls(&error))?;
                self.log_in(stream, question).await
            }
        }
    }

    /// What is said on a new connection.
    fn steps(&self, question: Cmd) -> impl Iterator<Item = Cmd> {
        let credentials = self.credentials.as_ref().map(Credentials::command);
        let database = (self.database != 0).then(|| {
            let mut select = redis::cmd("SELECT");
            select.arg(self.database);
            select
        });
        credentials.into_iter().chain(database).chain([question])
    }

    async fn log_in<S>(&self, stream: S, question: Cmd) -> Result<Connected, StoreError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let verdict = Arc::new(Verdict::default());
        let stream = Bounded::new(stream, self.limits, Arc::clone(&verdict));
        // Nothing for the library to say by itself: what it makes of a refused password depends on words.
        let silent = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP2)
            .set_skip_set_lib_name();
        // Deadlines are the callers'.
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(None)
            .set_connection_timeout(None)
            .set_pipeline_buffer_size(1024);
        let made = MultiplexedConnection::new_with_config(&silent, stream, config).await;
        let failed = |error| of_library(&error, verdict.fault()).into_error();
        let (mut connection, driver) = made.map_err(failed)?;
        let mut driver = driver.boxed();

        let mut answer = Value::Nil;
        // One after the other: a server with too many clients says so instead of the first answer, and hangs
        // up before the second.
        for step in self.steps(question) {
            let exchanged = exchange(&mut connection, &mut driver, &verdict, &step).await;
            answer = exchanged.map_err(Trouble::into_error)?;
        }
        Ok(Connected { connection, driver, verdict, answer })
    }
}

/// Sends `command` while nobody else drives the connection, which must still be there afterwards.
async fn exchange(
    connection: &mut MultiplexedConnection,
    driver: &mut BoxFuture<'static, ()>,
    verdict: &Verdict,
    command: &Cmd,
) -> Result<Value, Trouble> {
    let reply = Box::pin(connection.send_packed_command(command));
    let (reply, ended) = match select(reply, driver).await {
        Either::Left((reply, _)) => (reply, false),
        Either::Right(((), reply)) => (reply.await, true),
    };
    let reply = checked(reply.map_err(|error| of_library(&error, verdict.fault()))?)?;
    // A driver that has ended may not be asked again.
    if ended { Err(Trouble::Final(CONNECTION_ENDED)) } else { Ok(reply) }
}

fn of_tls(error: &std::io::Error) -> StoreError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => {
            StoreError::Refused("the store's certificate is not trusted")
        }
        Some(rustls::Error::AlertReceived(_)) => StoreError::Refused("the store refuses our TLS"),
        Some(_) => StoreError::Malformed("not TLS"),
        None => StoreError::Unavailable("the connection ended"),
    }
}
