//! The server's identity: read from PEM files, or made up at start for tests and demonstrations.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate chain and its private key.
pub struct Identity {
    /// The chain, the server's own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key of the first certificate.
    pub key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Makes a self-signed ECDSA P-256 certificate for localhost and the loopback addresses.
    ///
    /// Nobody can verify it: it is for measuring and for trying things out.
    ///
    /// # Errors
    /// [`CertificateError::Generate`] when the system gives no randomness.
    pub fn self_signed() -> Result<Self, CertificateError> {
        Self::self_signed_for(["localhost", "127.0.0.1", "::1"].map(str::to_owned))
    }

    /// The same for other names.
    ///
    /// # Errors
    /// As [`Identity::self_signed`], and for what cannot be a name in a certificate.
    pub fn self_signed_for(
        names: impl IntoIterator<Item = String>,
    ) -> Result<Self, CertificateError> {
        let names: Vec<_> = names.into_iter().collect();
        let made = rcgen::generate_simple_self_signed(names).map_err(CertificateError::Generate)?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        Ok(Self { chain: vec![made.cert.der().clone()], key: key.into() })
    }

    /// Reads a chain and a key from PEM files.
    ///
    /// Whether the two belong together shows when a configuration is built from them.
    ///
    /// # Errors
    /// [`CertificateError`] naming the file that could not be read or holds no such thing.
    pub fn from_pem_files(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let certificates = certificates_from_pem_file(chain)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|why| CertificateError::Pem {
            path: key.to_owned(),
            wanted: "private key",
            why,
        })?;
        Ok(Self { chain: certificates, key })
    }

    /// The server's own certificate; an empty one if there is none, which no library accepts.
    pub(crate) fn leaf(&self) -> CertificateDer<'_> {
        CertificateDer::from(self.chain.first().map_or(&[][..], AsRef::as_ref))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

/// Reads every certificate of a PEM file; at least one.
///
/// # Errors
/// [`CertificateError::Pem`] when the file cannot be read, is malformed or holds no certificate.
pub fn certificates_from_pem_file(
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let failed = |why| CertificateError::Pem { path: path.to_owned(), wanted: "certificate", why };
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed)?;
    if certificates.is_empty() {
        return Err(failed(pem::Error::NoItemsFound));
    }
    Ok(certificates)
}

/// Why there is no usable certificate.
#[derive(Debug)]
#[non_exhaustive]
pub enum CertificateError {
    /// The self-signed certificate could not be made.
    Generate(rcgen::Error),
    /// A PEM file could not be read, or does not hold what was asked of it.
    Pem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        wanted: &'static str,
        /// What went wrong.
        why: pem::Error,
    },
    /// The private key is another certificate's.
    NotTogether,
    /// rustls does not accept the certificate, the key, or the two together.
    Unusable(rustls::Error),
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generate(why) => write!(f, "cannot make a self-signed certificate: {why}"),
            Self::Pem { path, wanted, why } => {
                write!(f, "cannot read a {wanted} from {}: ", path.display())?;
                match why {
                    pem::Error::Io(why) => why.fmt(f),
                    pem::Error::NoItemsFound => write!(f, "there is none in the file"),
                    why => why.fmt(f),
                }
            }
            Self::NotTogether | Self::Unusable(rustls::Error::InconsistentKeys(_)) => {
                write!(f, "the private key does not belong to the certificate")
            }
            Self::Unusable(why) => write!(f, "the certificate cannot be used: {why}"),
        }
    }
}

impl std::error::Error for CertificateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Generate(why) => Some(why),
            Self::NotTogether => None,
            Self::Pem { why, .. } => Some(why),
            Self::Unusable(why) => Some(why),
        }
    }
}
