//! Certificates for a server on loopback.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::fault::Fault;
use crate::folder::Folder;

/// An authority, and a server's certificate for `127.0.0.1` and `localhost`.
#[derive(Debug)]
pub struct Certificates {
    _folder: Folder,
    authority: Vec<u8>,
    certificate_file: PathBuf,
    key_file: PathBuf,
}

impl Certificates {
    /// Makes them.
    ///
    /// # Errors
    /// If they cannot be made or written.
    pub fn new() -> Result<Self, Fault> {
        let failed = |error: rcgen::Error| Fault::of("a certificate", error);
        let key = || KeyPair::generate().map_err(failed);
        let mut authority = CertificateParams::new(Vec::new()).map_err(failed)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, key()?).map_err(failed)?;
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let (server, server_key) = (CertificateParams::new(names).map_err(failed)?, key()?);
        let server = server.signed_by(&server_key, &authority).map_err(failed)?;

        let folder = Folder::new()?;
        let write = |name: &str, text: String| {
            let path = folder.path().join(name);
            fs::write(&path, text).map_err(|error| Fault::of(name, error))?;
            Ok(path)
        };
        let certificate_file = write("certificate.pem", server.pem())?;
        let key_file = write("key.pem", server_key.serialize_pem())?;
        let authority = authority.der().to_vec();
        Ok(Self { _folder: folder, authority, certificate_file, key_file })
    }

    /// The authority's certificate, in DER.
    pub fn authority(&self) -> &[u8] {
        &self.authority
    }

    /// The server's certificate, in PEM.
    pub fn certificate_file(&self) -> &Path {
        &self.certificate_file
    }

    /// Its key, in PEM.
    pub fn key_file(&self) -> &Path {
        &self.key_file
    }
}
