//! Headless Chromium. A page of ours has it fetch what it is told, one thing after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Keeper, PATIENCE};
use crate::interop::lab::{self, Lab, Variant};
use crate::interop::relay::Relay;
use crate::interop::wire::Seen;

pub(crate) struct Chromium {
    browser: Child,
    profile: PathBuf,
    orders: Sender<String>,
    answers: Receiver<String>,
}

/// Asks for an address, fetches it, and tells how that went, for ever.
const PAGE: &str = "<!doctype html><title>orders</title><script>
(async () => {
  for (;;) {
    const order = await (await fetch('/next')).text();
    let word = 'ok';
    try { await fetch(order, { mode: 'no-cors', cache: 'no-store' }); } catch (why) { word = String(why); }
    await fetch('/done?' + encodeURIComponent(word));
  }
})();
</script>";

impl Chromium {
    pub(super) fn start(lab: &Lab, variant: Variant) -> Result<Self, String> {
        let failed = |why: std::io::Error| format!("Chromium's page: {why}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (orders, waiting) = mpsc::channel();
        let (tell, answers) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (waiting, tell) = (Arc::clone(&waiting), tell.clone());
                thread::spawn(move || serve(&stream, &waiting, &tell));
            }
        });
        let profile = lab.scratch("chromium")?;
        let versions = match variant {
            Variant::Tls12 => "--ssl-version-max=tls1.2",
            Variant::Retry | Variant::Tls13 => "--ssl-version-max=tls1.3",
        };
        let browser = Command::new(lab.browser())
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--no-proxy-server", "--mute-audio"])
            .args(["--disable-dev-shm-usage", "--host-resolver-rules=MAP *.test 127.0.0.1"])
            .arg(format!("--ignore-certificate-errors-spki-list={}", lab.server_key_digest()))
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(versions)
            .arg(format!("http://{address}/"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|why| format!("Chromium cannot be run: {why}"))?;
        Ok(Self { browser, profile, orders, answers })
    }

    /// Fetches one page on a connection of its own, and waits until the server has closed it.
    fn visit(&mut self, relay: &Relay, name: &str) -> Result<Seen, String> {
        // The page's thread is gone only if the browser is, which shows below.
        let _ = self.orders.send(format!("https://{name}:{}/healthz", relay.port()));
        match self.answers.recv_timeout(PATIENCE) {
            Ok(word) if word == "ok" => {}
            Ok(word) => return Err(format!("Chromium says {word}")),
            Err(_) => return Err(format!("Chromium did not answer within {PATIENCE:?}")),
        }
        if !relay.quiet(PATIENCE) {
            return Err("Chromium's connection stays open".to_owned());
        }
        // A browser may open connections that it does not need in the end: they must tell the same.
        let mut seen = relay.take();
        seen.dedup();
        match <[Seen; 1]>::try_from(seen) {
            Ok([seen]) => Ok(seen),
            Err(seen) => Err(format!("Chromium's connections differ: {seen:?}")),
        }
    }
}

impl Keeper for Chromium {
    fn visits(
        &mut self,
        relay: &Relay,
        names: &[&str],
        pause: Option<Duration>,
    ) -> Result<Vec<Seen>, String> {
        let mut seen = Vec::new();
        for name in names {
            if let (false, Some(pause)) = (seen.is_empty(), pause) {
                lab::wait(pause);
            }
            seen.push(self.visit(relay, name)?);
        }
        Ok(seen)
    }

    fn offers_to_the_last(&self) -> Result<(), &'static str> {
        Err("the server says how long a session lives, and Chromium offers none that is older")
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
        // What its last children still write goes with the folder of the whole run.
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// One connection of the browser to the page's own server.
fn serve(stream: &TcpStream, orders: &Mutex<Receiver<String>>, tell: &Sender<String>) {
    let mut reader = BufReader::new(stream.take(1 << 20));
    loop {
        let mut request = String::new();
        if !matches!(reader.read_line(&mut request), Ok(1..)) {
            return;
        }
        // No request of the page has a body: the headers end it.
        let mut header = String::new();
        while matches!(reader.read_line(&mut header), Ok(1..)) && header.trim() != "" {
            header.clear();
        }
        let path = request.split(' ').nth(1).unwrap_or_default();
        let (kind, body) = match path.split_once('?').unwrap_or((path, "")) {
            ("/", _) => ("text/html", PAGE.to_owned()),
            ("/next", _) => {
                let order = orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
                // Nobody has an order any more: the run is over.
                let Ok(order) = order else { return };
                ("text/plain", order)
            }
            ("/done", word) => {
                let _ = tell.send(word.replace("%20", " "));
                ("text/plain", String::new())
            }
            _ => ("text/plain", String::new()),
        };
        let length = body.len();
        let response = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\n\r\n{body}"
        );
        let mut out = stream;
        if out.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}
