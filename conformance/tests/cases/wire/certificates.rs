//! Who the servers and the clients are.

use std::sync::OnceLock;

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// A certificate and its key.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl Identity {
    pub(crate) fn x509(&self) -> X509 {
        X509::from_der(&self.certificate).unwrap()
    }

    pub(crate) fn pkey(&self) -> PKey<Private> {
        PKey::private_key_from_der(&self.key).unwrap()
    }
}

/// Somebody who vouches for clients.
#[derive(Clone)]
pub(crate) struct Authority {
    pub(crate) certificate: Vec<u8>,
    pub(crate) client: Identity,
}

/// The one identity of all servers.
pub(crate) fn server_identity() -> &'static Identity {
    static ONE: OnceLock<Identity> = OnceLock::new();
    ONE.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = made.signing_key.serialize_der();
        Identity { certificate: made.cert.der().to_vec(), key }
    })
}

/// An authority, and a client that it vouches for.
pub(crate) fn authority(name: &str) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap().der().to_vec();
    let issuer = Issuer::new(params, key);
    let client_key = KeyPair::generate().unwrap();
    let client = CertificateParams::new(["client".to_owned()]).unwrap();
    let client = client.signed_by(&client_key, &issuer).unwrap();
    let client = Identity { certificate: client.der().to_vec(), key: client_key.serialize_der() };
    Authority { certificate, client }
}
