//! A client on rustls whose every connection is decided from outside, for `cargo xtask interop`.
//!
//! It reads orders from standard input, one a line, and answers each with a line:
//!
//! ```text
//! PORT NAME VERSION OFFER KEEP CERTIFICATE KEY
//! ```
//!
//! connects to that port of the loopback address, asks for NAME with TLS 1.2 or 1.3, offers the session
//! kept under OFFER, keeps the one it gets under KEEP, and shows a certificate (PEM files) when it is
//! asked for one. `-` stands for none. Any server certificate is accepted: this client looks at sessions.
//! The answer is `full` or `resumed`, and whether a page came: `answered`, or `refused` and why.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufRead, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use resumption_server::certificate::Identity;
use resumption_server::load::AnyCertificate;
use rustls::client::{
    ClientSessionStore, ResolvesClientCert, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, NamedGroup, SignatureScheme, StreamOwned,
    SupportedProtocolVersion,
};

/// Longer than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::new()?;
    for order in io::stdin().lock().lines() {
        let order = order?;
        let words: Vec<_> = order.split(' ').collect();
        let [port, name, version, offer, keep, certificate, key] = words[..] else {
            return Err(format!("not an order: {order}").into());
        };
        let given = |word: &str| (word != "-").then(|| word.to_owned());
        client.script.begin(given(offer), given(keep));
        client.wallet.show(given(certificate).zip(given(key)))?;
        let line = client.visit(port.parse()?, name, version)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}

struct Client {
    script: Arc<Script>,
    wallet: Arc<Wallet>,
    tls12: Arc<ClientConfig>,
    tls13: Arc<ClientConfig>,
}

impl Client {
    fn new() -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let script = Arc::new(Script::default());
        let wallet = Arc::new(Wallet(Mutex::default(), Arc::clone(&provider)));
        let trust = Arc::new(AnyCertificate::new(Arc::clone(&provider)));
        // rustls offers a session only under the verifier and the credentials that it was made with:
        // these are the same objects throughout.
        let config = |version: &'static SupportedProtocolVersion| {
            let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_protocol_versions(&[version])?
                .dangerous()
                .with_custom_certificate_verifier(Arc::clone(&trust) as _)
                .with_client_cert_resolver(Arc::clone(&wallet) as _);
            config.resumption = Resumption::store(Arc::clone(&script) as _);
            Ok::<_, rustls::Error>(Arc::new(config))
        };
        let (tls12, tls13) = (config(&TLS12)?, config(&TLS13)?);
        Ok(Self { script, wallet, tls12, tls13 })
    }

    fn visit(&self, port: u16, name: &str, version: &str) -> Result<String, Box<dyn Error>> {
        let config = if version == "1.2" { &self.tls12 } else { &self.tls13 };
        let name = ServerName::try_from(name.to_owned())?;
        let connection = ClientConnection::new(Arc::clone(config), name.clone())?;
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut tls = StreamOwned::new(connection, socket);
        let outcome = exchange(&mut tls, &name.to_str());
        let kind = match tls.conn.handshake_kind() {
            Some(HandshakeKind::Resumed) => "resumed",
            _ => "full",
        };
        Ok(match outcome {
            Ok(page) if page.starts_with(b"HTTP/1.1 200") => format!("{kind} answered"),
            Ok(_) => format!("{kind} refused without a word"),
            Err(why) => format!("{kind} refused {}", why.to_string().replace('\n', " ")),
        })
    }
}

/// Asks for a page, and reads to the end: tickets come with it.
fn exchange(tls: &mut StreamOwned<ClientConnection, TcpStream>, host: &str) -> io::Result<Vec<u8>> {
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    tls.write_all(request.as_bytes())?;
    let mut page = Vec::new();
    tls.read_to_end(&mut page)?;
    tls.conn.send_close_notify();
    // The server may be gone already.
    let _ = tls.conn.complete_io(&mut tls.sock);
    Ok(page)
}

/// The session store: what is offered and what is kept is decided for each connection. It gives no
/// hint about groups, so that a client that was asked to try again guesses wrong the next time too.
#[derive(Default)]
struct Script(Mutex<Sessions>);

#[derive(Default)]
struct Sessions {
    offer: Option<String>,
    keep: Option<String>,
    tls12: HashMap<String, Tls12ClientSessionValue>,
    tls13: HashMap<String, Vec<Tls13ClientSessionValue>>,
}

impl Script {
    fn begin(&self, offer: Option<String>, keep: Option<String>) {
        let mut sessions = self.sessions();
        sessions.offer = offer;
        sessions.keep = keep;
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Script").finish_non_exhaustive()
    }
}

impl ClientSessionStore for Script {
    fn set_kx_hint(&self, _server: ServerName<'static>, _group: NamedGroup) {}

    fn kx_hint(&self, _server: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _server: ServerName<'static>, value: Tls12ClientSessionValue) {
        let mut sessions = self.sessions();
        if let Some(keep) = sessions.keep.clone() {
            sessions.tls12.insert(keep, value);
        }
    }

    fn tls12_session(&self, _server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        let sessions = self.sessions();
        sessions.tls12.get(sessions.offer.as_ref()?).cloned()
    }

    fn remove_tls12_session(&self, _server: &ServerName<'static>) {
        // A session that a server did not resume stays here: the next order may offer it elsewhere.
    }

    fn insert_tls13_ticket(&self, _server: ServerName<'static>, value: Tls13ClientSessionValue) {
        let mut sessions = self.sessions();
        if let Some(keep) = sessions.keep.clone() {
            sessions.tls13.entry(keep).or_default().push(value);
        }
    }

    fn take_tls13_ticket(&self, _server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let mut sessions = self.sessions();
        let offer = sessions.offer.clone()?;
        sessions.tls13.get_mut(&offer)?.pop()
    }
}

/// The client certificate of the moment.
struct Wallet(Mutex<Option<Arc<CertifiedKey>>>, Arc<CryptoProvider>);

impl Wallet {
    fn show(&self, files: Option<(String, String)>) -> Result<(), Box<dyn Error>> {
        let identity = files
            .map(|(chain, key)| Identity::from_pem_files(Path::new(&chain), Path::new(&key)))
            .transpose()?;
        let certified = identity
            .map(|identity| CertifiedKey::from_der(identity.chain, identity.key, &self.1))
            .transpose()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = certified.map(Arc::new);
        Ok(())
    }
}

impl std::fmt::Debug for Wallet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wallet").finish_non_exhaustive()
    }
}

impl ResolvesClientCert for Wallet {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn has_certs(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}
