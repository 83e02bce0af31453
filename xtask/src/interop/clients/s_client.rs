//! `openssl s_client`: a process for each connection, sessions in files.

use std::path::PathBuf;
use std::process::Command;

use super::{Said, Scripted, Visit, output_of};
use crate::interop::lab::{Lab, Variant};

pub(crate) struct SClient {
    version: &'static str,
    folder: PathBuf,
}

impl SClient {
    pub(super) fn new(lab: &Lab, variant: Variant) -> Result<Self, String> {
        let version = match variant {
            Variant::Tls12 => "-tls1_2",
            Variant::Retry | Variant::Tls13 => "-tls1_3",
        };
        Ok(Self { version, folder: lab.scratch("s_client")? })
    }
}

impl Scripted for SClient {
    fn visit(&mut self, port: u16, visit: &Visit<'_>) -> Result<Said, String> {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-connect", &format!("127.0.0.1:{port}")]);
        // Reads to the server's close: in TLS 1.3 the session comes after the handshake.
        openssl.args(["-servername", visit.name, self.version, "-ign_eof"]);
        if let Some(offer) = visit.offer {
            openssl.arg("-sess_in").arg(self.folder.join(offer));
        }
        if let Some(keep) = visit.keep {
            openssl.arg("-sess_out").arg(self.folder.join(keep));
        }
        if let Some(files) = visit.certificate {
            openssl.args(["-cert", &files.chain, "-key", &files.key]);
        }
        let request =
            format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", visit.name);
        let output = output_of(&mut openssl, request.as_bytes())?;
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let alert = errors.lines().find_map(|line| line.split(":SSL routines:").nth(1));
        Ok(Said {
            resumed: said.lines().any(|line| line.starts_with("Reused, TLSv1.")),
            answered: said.contains("HTTP/1.1 200 OK"),
            words: alert.unwrap_or_default().to_owned(),
        })
    }
}
