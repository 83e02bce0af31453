//! An isolation context that follows from a server's configuration.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use resumption_session::{ProtocolVersion, SessionIdContext};
use sha2::{Digest, Sha256};

/// Computes the isolation context of a server from what decides whether resuming a session on it is
/// safe. Two servers share sessions exactly if they agree in all of that.
///
/// A resumed handshake skips authentication: the server shows no certificate and asks for none. A
/// session must therefore resume only where a full handshake would have led to the same. TLS stacks do
/// not check that (CVE-2025-23419), and a context written by hand is forgotten when the configuration
/// changes. This one changes with it: after a certificate or a trust anchor was replaced, the sessions
/// from before are in another context, and miss.
///
/// What is left out counts as not configured. Lists are sets: neither their order nor duplicates matter.
///
/// ```
/// use resumption_policy::{ClientCertificates, ContextFingerprint, Transport};
///
/// let public = ContextFingerprint::new()
///     .certificate(b"certificate of www, in DER")
///     .application_protocols(["h2", "http/1.1"])
///     .cipher_suites([0x1301, 0x1302, 0xc02b])
///     .transport(Transport::Tcp);
/// let members = public
///     .clone()
///     .client_certificates(ClientCertificates::Required, ["certificate of the members' CA, in DER"]);
/// assert_ne!(public.finish(), members.finish());
///
/// // Replacing the certificate ends the sessions that were made with the former one.
/// let renewed = public.clone().without_certificates().certificate(b"the next one");
/// assert_ne!(public.finish(), renewed.finish());
/// ```
///
/// # Cost
/// One SHA-256 for each certificate and one at the end: compute it when a server is configured.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct ContextFingerprint {
    certificates: BTreeSet<[u8; 32]>,
    client_certificates: ClientCertificates,
    authorities: BTreeSet<[u8; 32]>,
    application_protocols: BTreeSet<Vec<u8>>,
    cipher_suites: BTreeSet<u16>,
    lowest_version: Option<ProtocolVersion>,
    server_name_group: Option<Vec<u8>>,
    transport: Transport,
    others: BTreeMap<String, [u8; 32]>,
}

/// Whether a server asks clients for certificates.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ClientCertificates {
    /// It does not ask.
    #[default]
    NotAsked,
    /// It asks, and goes on without. OpenSSL: `SSL_VERIFY_PEER`.
    Optional,
    /// It asks, and fails without. OpenSSL: `SSL_VERIFY_FAIL_IF_NO_PEER_CERT` besides.
    Required,
}

/// What carries the connection. A session of one must not resume over the other (RFC 9001, section 4.5,
/// ties transport parameters to QUIC's sessions).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Transport {
    /// TLS over TCP or any other stream.
    #[default]
    Tcp,
    /// QUIC.
    Quic,
}

impl ContextFingerprint {
    /// Nothing configured, over TCP.
    pub fn new() -> Self {
        Self::default()
    }

    /// The server presents this certificate: the leaf, in DER. Once for each, if it has several.
    #[must_use]
    pub fn certificate(mut self, der: impl AsRef<[u8]>) -> Self {
        self.certificates.insert(digest(der.as_ref()));
        self
    }

    /// Forgets the certificates: for a copy that is to present others.
    #[must_use]
    pub fn without_certificates(mut self) -> Self {
        self.certificates.clear();
        self
    }

    /// Whether clients are asked for a certificate, and which authorities may have issued it: each as
    /// its certificate in DER, or as whatever bytes stand for its name *and* key.
    #[must_use]
    pub fn client_certificates(
        mut self,
        asked: ClientCertificates,
        authorities: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Self {
        self.client_certificates = asked;
        self.authorities = authorities.into_iter().map(|der| digest(der.as_ref())).collect();
        self
    }

    /// The application protocols that the server speaks (ALPN, RFC 7301).
    #[must_use]
    pub fn application_protocols(
        mut self,
        names: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Self {
        self.application_protocols = names.into_iter().map(|name| name.as_ref().to_vec()).collect();
        self
    }

    /// The cipher suites that the server agrees to, by their numbers.
    #[must_use]
    pub fn cipher_suites(mut self, suites: impl IntoIterator<Item = u16>) -> Self {
        self.cipher_suites = suites.into_iter().collect();
        self
    }

    /// The lowest protocol version that the server agrees to.
    #[must_use]
    pub fn lowest_version(mut self, version: ProtocolVersion) -> Self {
        self.lowest_version = Some(version);
        self
    }

    /// The server names that may share sessions with one another: any name for the group of them. Hosts
    /// of different groups share none, even if they agree in all the rest.
    #[must_use]
    pub fn server_name_group(mut self, name: impl AsRef<[u8]>) -> Self {
        self.server_name_group = Some(name.as_ref().to_vec());
        self
    }

    /// What carries the connections.
    #[must_use]
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Anything else that a full handshake depends on: a revocation list, a pinned key, an
    /// application's own rules. The same label again replaces what was said under it.
    #[must_use]
    pub fn and(mut self, label: &str, what: impl AsRef<[u8]>) -> Self {
        self.others.insert(label.to_owned(), digest(what.as_ref()));
        self
    }

    /// The isolation context: 32 bytes, the same for the same configuration in every process and on
    /// every host.
    pub fn finish(&self) -> SessionIdContext {
        let mut parts = Parts(Sha256::new_with_prefix(b"resumption isolation context 1\0"));
        parts.list(&self.certificates);
        parts.one([match self.client_certificates {
            ClientCertificates::NotAsked => 0,
            ClientCertificates::Optional => 1,
            ClientCertificates::Required => 2,
        }]);
        parts.list(&self.authorities);
        parts.list(&self.application_protocols);
        parts.list(self.cipher_suites.iter().map(|suite| suite.to_be_bytes()));
        parts.list(self.lowest_version.map(|version| version.to_wire().to_be_bytes()));
        parts.list(&self.server_name_group);
        parts.one([match self.transport {
            Transport::Tcp => 0,
            Transport::Quic => 1,
        }]);
        parts.list(self.others.keys());
        parts.list(self.others.values());
        SessionIdContext::from(<[u8; 32]>::from(parts.0.finalize()))
    }
}

/// A hash of parts, each with its length before it, so that no two lists of parts read the same.
struct Parts(Sha256);

impl Parts {
    fn one(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn list(&mut self, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) {
        let parts: Vec<_> = parts.into_iter().collect();
        self.0.update((parts.len() as u64).to_be_bytes());
        for part in parts {
            self.one(part);
        }
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Digests only: certificates are long.
impl fmt::Debug for ContextFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextFingerprint")
            .field("certificates", &self.certificates.len())
            .field("client_certificates", &self.client_certificates)
            .field("authorities", &self.authorities.len())
            .field("transport", &self.transport)
            .field("context", &self.finish())
            .finish_non_exhaustive()
    }
}
