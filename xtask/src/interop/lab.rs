//! What all rows of the tables share: programs, certificates, and a server for each way of serving.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use super::pki::{Files, Pki};
use super::relay::Relay;
use super::server::Server;
use crate::command::root;
use crate::failure::Failure;
use crate::prerequisites;

/// The TLS library of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    Openssl,
    Rustls,
}

impl Stack {
    pub(crate) const ALL: [Self; 2] = [Self::Rustls, Self::Openssl];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Openssl => "openssl",
            Self::Rustls => "rustls",
        }
    }
}

/// A version of TLS, once more with a `HelloRetryRequest` in each handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    Tls12,
    Tls13,
    /// TLS 1.3 on a server that takes no group but P-384, which every client here has and none guesses.
    Retry,
}

impl Variant {
    pub(crate) const ALL: [Self; 3] = [Self::Tls12, Self::Tls13, Self::Retry];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
            Self::Retry => "1.3, retried",
        }
    }
}

/// What a server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Hosts that ask for client certificates, and hosts that do not.
    Certificates,
    /// Two hosts, sessions that live for hours.
    Lasting,
    /// Two hosts, sessions that live for [`SHORT_LIFE`].
    Passing,
}

/// How long a session of [`Purpose::Passing`] may be resumed. OpenSSL counts lives in whole seconds.
pub(crate) const SHORT_LIFE: Duration = Duration::from_secs(1);

/// Connections that say nothing are closed after this: browsers keep them otherwise.
const IDLE: &str = "2s";

/// Everything that is there before the first row runs.
pub(crate) struct Lab {
    pki: Pki,
    servers: Vec<(Stack, Variant, Purpose, Server)>,
    browser: &'static str,
    server_key_digest: String,
    folder: PathBuf,
    scratches: AtomicU32,
}

impl Lab {
    /// Makes certificates and starts the servers.
    pub(crate) fn set_up() -> Result<Self, Failure> {
        let folder = root().join(format!("target/interop/{}", process::id()));
        let pki = Pki::make(&folder.join("certificates"))?;
        let mut lab = Self {
            server_key_digest: pki.server_key_digest()?,
            pki,
            servers: Vec::new(),
            browser: prerequisites::browser()?,
            folder,
            scratches: AtomicU32::new(0),
        };
        for stack in Stack::ALL {
            for variant in Variant::ALL {
                for purpose in [Purpose::Certificates, Purpose::Lasting, Purpose::Passing] {
                    if (variant, purpose) == (Variant::Retry, Purpose::Certificates) {
                        continue;
                    }
                    let arguments = lab.arguments(stack, variant, purpose);
                    let server = Server::start(&program("resumption"), &arguments);
                    let server = server.map_err(|why| {
                        println!("{why}");
                        Failure::Faults { count: 1, of: "server that does not start" }
                    })?;
                    lab.servers.push((stack, variant, purpose, server));
                }
            }
        }
        Ok(lab)
    }

    fn arguments(&self, stack: Stack, variant: Variant, purpose: Purpose) -> Vec<String> {
        let Files { chain, key } = self.pki.files("server");
        let version = match variant {
            Variant::Tls12 => "1.2",
            Variant::Retry | Variant::Tls13 => "1.3",
        };
        let mut arguments: Vec<String> = [
            "--tls",
            stack.name(),
            "--versions",
            version,
            "--idle-timeout",
            IDLE,
            "--cert",
            &chain,
            "--key",
            &key,
        ]
        .map(str::to_owned)
        .to_vec();
        if variant == Variant::Retry {
            arguments.extend(["--groups".to_owned(), "P-384".to_owned()]);
        }
        if purpose == Purpose::Passing {
            arguments.extend(["--timeout".to_owned(), format!("{}s", SHORT_LIFE.as_secs())]);
        }
        let hosts = if purpose == Purpose::Certificates {
            let (one, two) = (self.pki.files("ca-one").chain, self.pki.files("ca-two").chain);
            vec![
                "open.test".to_owned(),
                format!("optional.test,client-ca={one},client-auth=optional"),
                format!("required.test,client-ca={one}"),
                format!("twin.test,client-ca={one}"),
                format!("other.test,client-ca={two}"),
            ]
        } else {
            // The same certificate for both: only their names tell them apart.
            vec!["a.test".to_owned(), "b.test".to_owned()]
        };
        arguments.extend(hosts.into_iter().flat_map(|host| ["--host".to_owned(), host]));
        arguments
    }

    /// A relay of its own to a server.
    pub(crate) fn relay(
        &self,
        stack: Stack,
        variant: Variant,
        purpose: Purpose,
    ) -> Result<Relay, String> {
        let server = self
            .servers
            .iter()
            .find(|(its_stack, its_variant, its_purpose, _)| {
                (*its_stack, *its_variant, *its_purpose) == (stack, variant, purpose)
            })
            .map(|(_, _, _, server)| server.address);
        let server = server.ok_or("there is no such server")?;
        Relay::to(server).map_err(|why| format!("a relay: {why}"))
    }

    /// An empty folder.
    pub(crate) fn scratch(&self, name: &str) -> Result<PathBuf, String> {
        let number = self.scratches.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.join(format!("{name}-{number}"));
        fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
        Ok(folder)
    }

    pub(crate) fn files(&self, name: &str) -> Files {
        self.pki.files(name)
    }

    pub(crate) fn server_key_digest(&self) -> &str {
        &self.server_key_digest
    }

    pub(crate) fn browser(&self) -> &'static str {
        self.browser
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // What cannot be removed stays under `target`.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Lets time go by. The clocks here are those of other people's programs: they cannot be set.
#[expect(clippy::disallowed_methods, reason = "see above")]
pub(crate) fn wait(time: Duration) {
    thread::sleep(time);
}

/// The client around rustls.
pub(crate) fn rustls_client() -> PathBuf {
    program("examples/rustls-client")
}

/// Where cargo has put it.
fn program(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new("target").to_owned());
    root().join(target).join("debug").join(name)
}
