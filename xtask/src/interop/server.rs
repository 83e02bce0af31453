//! `resumption serve` as a child, ended when dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it on a free port, and waits until it listens.
    pub(crate) fn start(program: &Path, arguments: &[String]) -> Result<Self, String> {
        let mut child = Command::new(program)
            // It ends with this process, however that ends.
            .args(["serve", "--listen", "127.0.0.1:0", "--stop-with-stdin"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|why| format!("{} does not start: {why}", program.display()))?;
        let mut ready = String::new();
        if let Some(stdout) = child.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut ready);
            read.map_err(|why| format!("the server's word that it listens: {why}"))?;
        }
        let address = ready
            .strip_prefix("listening on https://")
            .and_then(|rest| rest.split('/').next())
            .and_then(|address| address.parse().ok());
        if let Some(address) = address {
            return Ok(Self { child, address });
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(format!("the server does not say where it listens: {ready:?}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Not through its input: there may be connections to drain, and nobody waits for those.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
