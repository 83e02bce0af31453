//! The clients, one file each, and what can be asked of them.

mod chromium;
mod curl;
mod lines;
mod s_client;
mod s_time;

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::lab::{Lab, Variant};
use super::pki::Files;
use super::relay::Relay;
use super::wire::Seen;

pub(crate) use s_time::{Handshakes, STime};

/// Longer than any step takes on a busy machine; only a hang gets there.
const PATIENCE: Duration = Duration::from_secs(60);

/// The clients by name, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    Chromium,
    Curl,
    OpensslConnect,
    OpensslTime,
    Python,
    Rustls,
}

impl Client {
    pub(crate) const ALL: [Self; 6] = [
        Self::OpensslConnect,
        Self::OpensslTime,
        Self::Curl,
        Self::Python,
        Self::Rustls,
        Self::Chromium,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Curl => "curl",
            Self::OpensslConnect => "openssl s_client",
            Self::OpensslTime => "openssl s_time",
            Self::Python => "Python ssl",
            Self::Rustls => "rustls",
        }
    }

    /// The client itself, ready to connect.
    pub(crate) fn start(self, lab: &Lab, variant: Variant) -> Result<Started, String> {
        Ok(match self {
            Self::Chromium => Started::Keeper(Box::new(chromium::Chromium::start(lab, variant)?)),
            Self::Curl => Started::Keeper(Box::new(curl::Curl::new(lab, variant))),
            Self::Python => Started::Scripted(Box::new(lines::Lines::python(variant)?)),
            Self::Rustls => Started::Scripted(Box::new(lines::Lines::rustls(variant)?)),
            Self::OpensslConnect => {
                Started::Scripted(Box::new(s_client::SClient::new(lab, variant)?))
            }
            Self::OpensslTime => Started::Timer(STime::new(variant)),
        })
    }
}

/// A client by what it lets itself be told.
pub(crate) enum Started {
    Keeper(Box<dyn Keeper>),
    Scripted(Box<dyn Scripted>),
    Timer(STime),
}

/// A client that offers the session that it is told to offer.
pub(crate) trait Scripted {
    fn visit(&mut self, port: u16, visit: &Visit<'_>) -> Result<Said, String>;

    /// Whether one TLS 1.3 session can be offered twice; if not, the reason.
    fn offers_twice(&self) -> Result<(), &'static str> {
        Ok(())
    }
}

/// One connection, to ask for a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) name: &'a str,
    /// The session to offer, by the name under which it was kept.
    pub(crate) offer: Option<&'a str>,
    /// The name under which to keep the session that comes of it.
    pub(crate) keep: Option<&'a str>,
    pub(crate) certificate: Option<&'a Files>,
}

/// The client's own word for how it went.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) resumed: bool,
    /// Whether a page came.
    pub(crate) answered: bool,
    /// What it said besides.
    pub(crate) words: String,
}

/// Makes one visit through `relay`, and sees that the client and the wire say the same of it.
pub(crate) fn visit(
    client: &mut dyn Scripted,
    relay: &Relay,
    visit: &Visit<'_>,
) -> Result<(Said, Seen), String> {
    let said = client.visit(relay.port(), visit)?;
    let seen = match <[Seen; 1]>::try_from(relay.take()) {
        Ok([seen]) => seen,
        Err(seen) => return Err(format!("{} connections: {}", seen.len(), said.words)),
    };
    if seen.name.as_deref() != Some(visit.name) {
        return Err(format!("asks for {:?}, not for {}", seen.name, visit.name));
    }
    let resumed = seen.answer.is_some_and(|answer| answer.resumed);
    // A handshake that failed was not resumed, whatever it would have become.
    if said.answered && said.resumed != resumed {
        let word = |resumed| if resumed { "resumed" } else { "full" };
        return Err(format!("says {}, the wire says {}", word(said.resumed), word(resumed)));
    }
    Ok((said, seen))
}

/// A client that keeps and offers sessions by itself.
pub(crate) trait Keeper {
    /// Asks for a page under each name in turn, on connections of their own, `pause` apart. Gives what
    /// was seen of each visit.
    fn visits(
        &mut self,
        relay: &Relay,
        names: &[&str],
        pause: Option<Duration>,
    ) -> Result<Vec<Seen>, String>;

    /// Whether it offers a session as long as the server may still know it, give or take a second; if
    /// not, the reason.
    fn offers_to_the_last(&self) -> Result<(), &'static str> {
        Ok(())
    }
}

/// Runs a tool to its end, with `input` on its standard input.
fn output_of(command: &mut Command, input: &[u8]) -> Result<Output, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|why| format!("{name} cannot be run: {why}"))?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) = pipes else {
        return Err(format!("{name} has no pipes"));
    };
    let input = input.to_vec();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        // A tool that ends before it has read everything is judged by its output.
        let _ = stdin.write_all(&input);
    });
    let also = tell.clone();
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stdout.read_to_end(&mut text);
        let _ = tell.send((true, text));
    });
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.read_to_end(&mut text);
        let _ = also.send((false, text));
    });
    let (mut out, mut err) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let Ok((is_out, text)) = told.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{name} did not finish within {PATIENCE:?}"));
        };
        if is_out {
            out = text;
        } else {
            err = text;
        }
    }
    let status = child.wait().map_err(|why| format!("{name}: {why}"))?;
    Ok(Output { status, stdout: out, stderr: err })
}
