//! The first table: every client, version and server, from a full handshake to a session offered twice.

use std::thread;
use std::time::Duration;

use super::clients::{self, Client, Handshakes, Keeper, STime, Scripted, Started, Visit};
use super::lab::{Lab, Purpose, SHORT_LIFE, Stack, Variant};
use super::relay::Relay;
use super::table::Cell;
use super::wire::{Seen, Version};

pub(crate) const COLUMNS: [&str; 5] =
    ["full", "resumed", "expired", "wrong context", "offered twice"];

/// Until a session of [`SHORT_LIFE`] is too old for the server and, by the whole seconds in which
/// clients count, not yet too old to be offered.
const AGEING: Duration = SHORT_LIFE.saturating_add(Duration::from_millis(300));

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
    Ok((Row { variant, lasting, passing }, client.start(lab, variant)?))
}

struct Row {
    variant: Variant,
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
            Err(why) => Cell::Cannot(why),
        };
        vec![full.into(), resumed.into(), expired.into(), wrong_context.into(), twice]
    }

    fn expired(&self, client: &mut dyn Scripted) -> Result<(), String> {
        self.connect_to(&self.passing, client, "a.test", None, Some("passing"), FULL)?;
        thread::sleep(AGEING);
        self.connect_to(&self.passing, client, "a.test", Some("passing"), None, DECLINED)
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
        self.connect_to(&self.lasting, client, name, offer, keep, expected)
    }

    fn connect_to(
        &self,
        relay: &Relay,
        client: &mut dyn Scripted,
        name: &str,
        offer: Option<&str>,
        keep: Option<&str>,
        expected: Expected,
    ) -> Result<(), String> {
        let visit = Visit { name, offer, keep, certificate: None };
        let (said, seen) = clients::visit(client, relay, &visit)?;
        if !said.answered {
            return Err(format!("no page: {}", said.words));
        }
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
        let expired = self.kept_too_long(client).map(|()| "expired");
        vec![full.into(), resumed.into(), expired.into(), wrong_context.into(), Cell::Cannot(ONCE)]
    }

    fn kept_too_long(&self, client: &mut dyn Keeper) -> Result<(), String> {
        let seen = client.visits(&self.passing, &["a.test", "a.test"], Some(AGEING))?;
        let [first, second] = &seen[..] else { return Err(format!("{} connections", seen.len())) };
        self.compare(first, FULL)?;
        self.compare(second, DECLINED)
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
            Variant::Retry | Variant::Tls13 => (Cell::Cannot(NEWEST), Cell::Cannot(NEWEST)),
        };
        let resumed = resumed.map(|_| "resumed");
        vec![full.into(), resumed.into(), expired, Cell::Cannot(NAMELESS), twice]
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

fn four(seen: Vec<Seen>) -> Result<[Seen; 4], String> {
    <[Seen; 4]>::try_from(seen).map_err(|seen| format!("{} connections", seen.len()))
}
