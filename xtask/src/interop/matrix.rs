//! The first table: every client, version and server, from a full handshake to a session offered twice.

use std::time::Duration;

use super::clients::{self, Client, Handshakes, Keeper, STime, Scripted, Started, Visit};
use super::lab::{self, Lab, Purpose, SHORT_LIFE, Stack, Variant};
use super::relay::Relay;
use super::table::Cell;
use super::wire::{Seen, Version};

pub(crate) const COLUMNS: [&str; 5] =
    ["full", "resumed", "expired", "wrong context", "offered twice"];

/// Until a session of [`SHORT_LIFE`] is too old for the server and, by the whole seconds in which
/// clients count, not yet too old to be offered.
const AGEING: Duration = SHORT_LIFE.saturating_add(Duration::from_millis(300));

/// A client that was kept waiting finds a session too old itself, and does not offer it. That says nothing
/// of the server: then it is tried again, so often.
const ATTEMPTS: u32 = 5;

/// What is expected of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Expected {
    offered: bool,
    resumed: bool,
}

/// No session is offered.
const FULL: Expected = Expected { offered: false, resumed: false };
/// A session is offered, and resumed.
const RESUMED: Expected = Expected { offered: true, resumed: true };
/// A session is offered, and the handshake is full all the same.
const DECLINED: Expected = Expected { offered: true, resumed: false };

/// Makes one row.
pub(crate) fn row(lab: &Lab, client: Client, variant: Variant, stack: Stack) -> Vec<Cell> {
    prepare(lab, client, variant, stack).map_or_else(
        |why| COLUMNS.map(|_| Cell::Wrong(why.clone())).to_vec(),
        |(row, client)| match client {
            Started::Keeper(mut keeper) => row.of_keeper(&mut *keeper),
            Started::Scripted(mut scripted) => row.of_scripted(&mut *scripted),
            Started::Timer(timer) => row.of_timer(&timer),
        },
    )
}

fn prepare(
    lab: &Lab,
    client: Client,
    variant: Variant,
    stack: Stack,
) -> Result<(Row, Started), String> {
    let lasting = lab.relay(stack, variant, Purpose::Lasting)?;
    let passing = lab.relay(stack, variant, Purpose::Passing)?;
    Ok((Row { variant, stack, lasting, passing }, client.start(lab, variant)?))
}

struct Row {
    variant: Variant,
    stack: Stack,
    lasting: Relay,
    passing: Relay,
}

impl Row {
    fn of_scripted(&self, client: &mut dyn Scripted) -> Vec<Cell> {
        let full = self.connect(client, "a.test", None, Some("first"), FULL).map(|()| "full");
        let resumed =
            self.connect(client, "a.test", Some("first"), None, RESUMED).map(|()| "resumed");
        let expired = self.expired(client).map(|()| "expired");
        let wrong_context = self.wrong_context(client);
        let twice = match client.offers_twice() {
            Ok(()) => Cell::from(self.twice(client)),
            Err(why) => Cell::cannot(why),
        };
        vec![full.into(), resumed.into(), expired.into(), wrong_context.into(), twice]
    }

    fn expired(&self, client: &mut dyn Scripted) -> Result<(), String> {
        self.until_offered(|| {
            connect_to(&self.passing, client, "a.test", None, Some("passing"))
                .and_then(|seen| self.compare(&seen, FULL))?;
            lab::wait(AGEING);
            connect_to(&self.passing, client, "a.test", Some("passing"), None)
        })
    }

    /// What became of a session that is too old, in the first attempt in which it is offered.
    fn until_offered(
        &self,
        mut attempt: impl FnMut() -> Result<Seen, String>,
    ) -> Result<(), String> {
        let mut seen = attempt()?;
        for _ in 1..ATTEMPTS {
            if seen.offered {
                break;
            }
            seen = attempt()?;
        }
        self.compare(&seen, DECLINED)
    }

    /// Offered on another host a session is not found, and not used up either.
    fn wrong_context(&self, client: &mut dyn Scripted) -> Result<&'static str, String> {
        self.connect(client, "a.test", None, Some("of-a"), FULL)?;
        self.connect(client, "b.test", Some("of-a"), None, DECLINED)?;
        if client.offers_twice().is_err() {
            return Ok("full");
        }
        self.connect(client, "a.test", Some("of-a"), None, RESUMED)?;
        Ok("full; resumed at home")
    }

    /// One session on two connections: in TLS 1.3 it is handed out once.
    fn twice(&self, client: &mut dyn Scripted) -> Result<&'static str, String> {
        self.connect(client, "a.test", None, Some("twice"), FULL)?;
        self.connect(client, "a.test", Some("twice"), None, RESUMED)?;
        let (expected, word) = match self.variant {
            Variant::Tls12 => (RESUMED, "resumed twice"),
            Variant::Retry | Variant::Tls13 => (DECLINED, "resumed once"),
        };
        self.connect(client, "a.test", Some("twice"), None, expected)?;
        Ok(word)
    }

    fn connect(
        &self,
        client: &mut dyn Scripted,
        name: &str,
        offer: Option<&str>,
        keep: Option<&str>,
        expected: Expected,
    ) -> Result<(), String> {
        let seen = connect_to(&self.lasting, client, name, offer, keep)?;
        self.compare(&seen, expected)
    }

    fn of_keeper(&self, client: &mut dyn Keeper) -> Vec<Cell> {
        const ONCE: &str = "it chooses itself which session to offer, and how often";
        let visits = client.visits(&self.lasting, &["a.test", "a.test", "b.test", "a.test"], None);
        let visits = visits.and_then(four);
        let visit = |number: usize, expected| {
            let seen = visits.as_ref().map_err(Clone::clone)?;
            self.compare(&seen[number], expected)
        };
        let full = visit(0, FULL).map(|()| "full");
        let resumed = visit(1, RESUMED).map(|()| "resumed");
        let wrong_context = visit(2, FULL)
            .and_then(|()| visit(3, RESUMED))
            .map(|()| "not offered; resumed at home");
        let expired = self.kept_too_long(client);
        vec![full.into(), resumed.into(), expired, wrong_context.into(), Cell::cannot(ONCE)]
    }

    fn kept_too_long(&self, client: &mut dyn Keeper) -> Cell {
        // rustls tells clients to keep a TLS 1.3 session for a day, and TLS 1.2 tells them nothing.
        let is_told = self.stack == Stack::Openssl && self.variant != Variant::Tls12;
        let to_the_last = if is_told { client.offers_to_the_last() } else { Ok(()) };
        let mut attempt = || {
            let seen = client.visits(&self.passing, &["a.test", "a.test"], Some(AGEING))?;
            let [first, second] = <[Seen; 2]>::try_from(seen)
                .map_err(|seen| format!("{} connections", seen.len()))?;
            self.compare(&first, FULL).map(|()| second)
        };
        match to_the_last {
            Ok(()) => self.until_offered(attempt).map(|()| "expired").into(),
            Err(why) => attempt()
                .and_then(|seen| self.compare(&seen, FULL))
                .map_or_else(Cell::Wrong, |()| Cell::Noted("not offered", why)),
        }
    }

    fn of_timer(&self, client: &STime) -> Vec<Cell> {
        const NAMELESS: &str = "s_time asks for no server name";
        const NEWEST: &str = "s_time offers the newest session, each once: none of them is old";
        let full = client.run(&self.lasting, Handshakes::New, 1).and_then(|seen| {
            seen.iter().try_for_each(|one| self.compare(one, FULL))?;
            Ok("full")
        });
        let resumed = client.run(&self.lasting, Handshakes::Reused, 1).and_then(|seen| {
            let (first, others) = seen.split_first().ok_or("no connection")?;
            self.compare(first, FULL)?;
            others.iter().try_for_each(|one| self.compare(one, RESUMED))?;
            Ok(others.len())
        });
        let (expired, twice) = match self.variant {
            // It holds on to one session id, until a full handshake gives it the next.
            Variant::Tls12 => {
                let often = resumed.clone().and_then(|times| match times {
                    0 | 1 => Err("one connection".to_owned()),
                    _ => Ok("resumed twice"),
                });
                (self.timed_out(client).map(|()| "expired").into(), often.into())
            }
            Variant::Retry | Variant::Tls13 => (Cell::cannot(NEWEST), Cell::cannot(NEWEST)),
        };
        let resumed = resumed.map(|_| "resumed");
        vec![full.into(), resumed.into(), expired, Cell::cannot(NAMELESS), twice]
    }

    /// For longer than a session lives: some handshakes in between are full although one is offered.
    fn timed_out(&self, client: &STime) -> Result<(), String> {
        let seen = client.run(&self.passing, Handshakes::Reused, 3)?;
        let (first, others) = seen.split_first().ok_or("no connection")?;
        self.compare(first, FULL)?;
        let declined: Vec<_> =
            others.iter().filter(|one| self.compare(one, RESUMED).is_err()).collect();
        match declined[..] {
            [] => Err("resumed for ever".to_owned()),
            _ => declined.into_iter().try_for_each(|one| self.compare(one, DECLINED)),
        }
    }

    /// What was seen, where it is not what was expected.
    fn compare(&self, seen: &Seen, expected: Expected) -> Result<(), String> {
        let Some(answer) = seen.answer else { return Err(format!("no answer: {seen:?}")) };
        let version = match self.variant {
            Variant::Tls12 => Version::Tls12,
            Variant::Retry | Variant::Tls13 => Version::Tls13,
        };
        let mut faults = Vec::new();
        if seen.offered != expected.offered {
            faults.push(if seen.offered { "offered" } else { "not offered" });
        }
        if answer.resumed != expected.resumed {
            faults.push(if answer.resumed { "resumed" } else { "full" });
        }
        if answer.version != version {
            faults.push("another version");
        }
        if seen.retried != (self.variant == Variant::Retry) {
            faults.push(if seen.retried { "retried" } else { "not retried" });
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.join(", ")) }
    }
}

/// One connection, and what was seen of it; an error if there was no page.
fn connect_to(
    relay: &Relay,
    client: &mut dyn Scripted,
    name: &str,
    offer: Option<&str>,
    keep: Option<&str>,
) -> Result<Seen, String> {
    let visit = Visit { name, offer, keep, certificate: None };
    let (said, seen) = clients::visit(client, relay, &visit)?;
    if said.answered { Ok(seen) } else { Err(format!("no page: {}", said.words)) }
}

fn four(seen: Vec<Seen>) -> Result<[Seen; 4], String> {
    <[Seen; 4]>::try_from(seen).map_err(|seen| format!("{} connections", seen.len()))
}
