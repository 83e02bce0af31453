//! curl: one process, a connection for each URL. It keeps sessions by server name, in memory.

use std::process::Command;
use std::time::Duration;

use super::{Keeper, output_of};
use crate::interop::lab::{Lab, Variant};
use crate::interop::relay::Relay;
use crate::interop::wire::Seen;

pub(crate) struct Curl {
    versions: [&'static str; 3],
    roots: String,
}

impl Curl {
    pub(super) fn new(lab: &Lab, variant: Variant) -> Self {
        let versions = match variant {
            Variant::Tls12 => ["--tlsv1.2", "--tls-max", "1.2"],
            Variant::Retry | Variant::Tls13 => ["--tlsv1.3", "--tls-max", "1.3"],
        };
        Self { versions, roots: lab.files("server").chain }
    }
}

impl Keeper for Curl {
    fn visits(
        &mut self,
        relay: &Relay,
        names: &[&str],
        pause: Option<Duration>,
    ) -> Result<Vec<Seen>, String> {
        let mut curl = Command::new("curl");
        // No file of settings: it might name a proxy. A response after which the server closes makes
        // the next URL a connection of its own.
        curl.args(["--disable", "--silent", "--show-error", "--fail", "--noproxy", "*"]);
        curl.args(self.versions).args(["--cacert", &self.roots]);
        curl.args(["--header", "Connection: close"]);
        curl.args(["--connect-to", &format!("::127.0.0.1:{}", relay.port())]);
        if let Some(pause) = pause {
            curl.args([
                "--rate",
                &format!("{}/h", Duration::from_secs(3_600).as_millis() / pause.as_millis().max(1)),
            ]);
        }
        curl.args(names.iter().map(|name| format!("https://{name}/healthz")));
        let output = output_of(&mut curl, b"")?;
        let (pages, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if !output.status.success() || pages != "ok\n".repeat(names.len()) {
            return Err(format!("curl ended with {} and {pages:?}: {errors}", output.status));
        }
        Ok(relay.take())
    }
}
