//! Clients of ours around a TLS library of others: one process, an order a line. See
//! `crates/resumption-server/examples/rustls-client.rs` for the orders.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::{Said, Scripted, Visit};
use crate::interop::lab::{self, Variant};

/// Python's `ssl`.
const PYTHON: &str = include_str!("python.py");

pub(crate) struct Lines {
    name: &'static str,
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    version: &'static str,
    offers_twice: Result<(), &'static str>,
}

impl Lines {
    pub(super) fn python(variant: Variant) -> Result<Self, String> {
        Self::start("python3", Command::new("python3").args(["-c", PYTHON]), variant, Ok(()))
    }

    pub(super) fn rustls(variant: Variant) -> Result<Self, String> {
        let once = "rustls gives each TLS 1.3 ticket to a client's store as a value that cannot be \
                    copied, and takes it back to offer it";
        Self::start(
            "the rustls client",
            &mut Command::new(lab::rustls_client()),
            variant,
            Err(once),
        )
    }

    fn start(
        name: &'static str,
        command: &mut Command,
        variant: Variant,
        offers_twice: Result<(), &'static str>,
    ) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|why| format!("{name} cannot be run: {why}"))?;
        let (Some(orders), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{name} has no pipes"));
        };
        let version = match variant {
            Variant::Tls12 => "1.2",
            Variant::Retry | Variant::Tls13 => "1.3",
        };
        // In TLS 1.2 everybody may offer a session as often as they like.
        let offers_twice = if variant == Variant::Tls12 { Ok(()) } else { offers_twice };
        Ok(Self { name, child, orders, answers: BufReader::new(answers), version, offers_twice })
    }
}

impl Scripted for Lines {
    fn visit(&mut self, port: u16, visit: &Visit<'_>) -> Result<Said, String> {
        let (chain, key) =
            visit.certificate.map_or(("-", "-"), |files| (files.chain.as_str(), &files.key));
        let offer = visit.offer.unwrap_or("-");
        let keep = visit.keep.unwrap_or("-");
        let failed = |why| format!("{}: {why}", self.name);
        writeln!(
            self.orders,
            "{port} {} {} {offer} {keep} {chain} {key}",
            visit.name, self.version
        )
        .map_err(failed)?;
        let mut answer = String::new();
        // Both clients give up a connection that is silent for long, so there will be an answer.
        self.answers.read_line(&mut answer).map_err(failed)?;
        let mut words = answer.trim_end().splitn(3, ' ');
        let (kind, outcome) = (words.next(), words.next());
        match (kind, outcome) {
            (Some("full" | "resumed"), Some("answered" | "refused")) => Ok(Said {
                resumed: kind == Some("resumed"),
                answered: outcome == Some("answered"),
                words: words.next().unwrap_or_default().to_owned(),
            }),
            _ => Err(format!("{} says {answer:?}", self.name)),
        }
    }

    fn offers_twice(&self) -> Result<(), &'static str> {
        self.offers_twice
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
