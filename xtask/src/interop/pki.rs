//! Certificates for one run: two authorities for clients, a client of each, and the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{run_silently, stdout_of};
use crate::failure::Failure;

/// Where the files lie.
#[derive(Debug)]
pub(crate) struct Pki {
    folder: PathBuf,
}

/// A certificate chain and its key, in PEM files.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) chain: String,
    pub(crate) key: String,
}

/// openssl's word for what each kind of certificate may do.
const EXTENSIONS: &str = "\
[req]
distinguished_name = name
prompt = no
[name]
CN = replaced by the command line
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:a.test, DNS:b.test
[client]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = clientAuth
";

impl Pki {
    /// Makes everything in `folder`.
    pub(crate) fn make(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| Failure::of_file(folder, error))?;
        let pki = Self { folder: folder.to_owned() };
        let config = folder.join("openssl.cnf");
        fs::write(&config, EXTENSIONS).map_err(|error| Failure::of_file(&config, error))?;
        pki.certificate("server", "server", None)?;
        for authority in ["one", "two"] {
            pki.certificate(&format!("ca-{authority}"), "authority", None)?;
            pki.certificate(&format!("client-{authority}"), "client", Some(authority))?;
        }
        Ok(pki)
    }

    fn certificate(&self, name: &str, kind: &str, by: Option<&str>) -> Result<(), Failure> {
        let files = self.files(name);
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-days", "2", "-nodes", "-newkey", "ec"]);
        openssl.args(["-pkeyopt", "ec_paramgen_curve:P-256", "-extensions", kind]);
        openssl.args(["-subj", &format!("/CN=interop {name}")]).arg("-config");
        openssl.arg(self.folder.join("openssl.cnf"));
        openssl.args(["-out", &files.chain, "-keyout", &files.key]);
        if let Some(authority) = by {
            let authority = self.files(&format!("ca-{authority}"));
            openssl.args(["-CA", &authority.chain, "-CAkey", &authority.key]);
        }
        let (made, said) = run_silently(&mut openssl)?;
        if made {
            return Ok(());
        }
        println!("{said}");
        Err(Failure::Faults { count: 1, of: "certificate that openssl did not make" })
    }

    /// The files of a certificate by its name: `server`, `ca-one`, `client-one`, ...
    pub(crate) fn files(&self, name: &str) -> Files {
        let file = |end| self.folder.join(format!("{name}.{end}")).display().to_string();
        Files { chain: file("pem"), key: file("key") }
    }

    /// The server's public key, digested, as Chromium wants to be told whom to believe.
    pub(crate) fn server_key_digest(&self) -> Result<String, Failure> {
        let script = "openssl x509 -in \"$0\" -noout -pubkey | openssl pkey -pubin -outform der \
                      | openssl dgst -sha256 -binary | openssl base64";
        let digest =
            stdout_of(Command::new("sh").args(["-c", script, &self.files("server").chain]))?;
        Ok(digest.trim().to_owned())
    }
}
