//! `openssl s_time`: as many connections as fit into a second, all new or all but the first resumed.

use std::process::Command;

use super::output_of;
use crate::interop::lab::Variant;
use crate::interop::relay::Relay;
use crate::interop::wire::Seen;

pub(crate) struct STime {
    version: &'static str,
}

/// What kinds of handshakes to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshakes {
    New,
    Reused,
}

impl STime {
    pub(super) fn new(variant: Variant) -> Self {
        Self {
            version: match variant {
                Variant::Tls12 => "-tls1_2",
                Variant::Retry | Variant::Tls13 => "-tls1_3",
            },
        }
    }

    /// Connects for `seconds`; gives what was seen of each connection.
    pub(crate) fn run(
        &self,
        relay: &Relay,
        handshakes: Handshakes,
        seconds: u32,
    ) -> Result<Vec<Seen>, String> {
        let (kind, letter) = match handshakes {
            Handshakes::New => ("-new", '*'),
            Handshakes::Reused => ("-reuse", 'r'),
        };
        let mut openssl = Command::new("openssl");
        openssl.args(["s_time", "-connect", &format!("127.0.0.1:{}", relay.port())]);
        // It reads on only if it has asked for a page, and in TLS 1.3 the session comes after the
        // handshake.
        openssl.args(["-www", "/healthz", self.version, kind, "-time", &seconds.to_string()]);
        let output = output_of(&mut openssl, b"")?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("s_time ended with {}: {errors}", output.status));
        }
        // One letter a connection, in a line of their own.
        let letters = said.lines().find(|line| line.starts_with(['*', 'r', 't']));
        let own = letters.unwrap_or_default().matches(letter).count();
        let seen = relay.take();
        let matching = |seen: &&Seen| {
            let resumed = seen.answer.is_some_and(|answer| answer.resumed);
            resumed == (handshakes == Handshakes::Reused)
        };
        let matching = seen.iter().filter(matching).count();
        // Its first connection with -reuse, which makes the session, it does not count.
        if own == 0 || own != matching {
            return Err(format!("s_time counts {own} of {kind}, the wire has {matching}"));
        }
        Ok(seen)
    }
}
