//! The second table: sessions do not stand in for client certificates.
//!
//! `required.test` asks for a certificate of the first authority. Sessions made elsewhere are offered
//! there, and none of them resumes: not one made without a certificate, not one of another authority's
//! client, not one of another host that asks for the same.

use super::clients::{self, Client, Scripted, Started, Visit};
use super::lab::{Lab, Purpose, Stack, Variant};
use super::pki::Files;
use super::relay::Relay;
use super::table::Cell;

pub(crate) const COLUMNS: [&str; 7] = [
    "no certificate",
    "certificate",
    "resumed",
    "from a host that asks for none",
    "made without, where optional",
    "of another authority",
    "of another host",
];

/// The clients that can be told which session and which certificate to show.
pub(crate) const CLIENTS: [Client; 3] = [Client::OpensslConnect, Client::Python, Client::Rustls];

/// Makes one row.
pub(crate) fn row(lab: &Lab, client: Client, variant: Variant, stack: Stack) -> Vec<Cell> {
    let ready = lab
        .relay(stack, variant, Purpose::Certificates)
        .and_then(|relay| Ok((relay, client.start(lab, variant)?)));
    match ready {
        Ok((relay, Started::Scripted(client))) => Row { relay, client }.cells(lab),
        Ok(_) => COLUMNS.map(|_| Cell::cannot("it chooses its sessions itself")).to_vec(),
        Err(why) => COLUMNS.map(|_| Cell::Wrong(why.clone())).to_vec(),
    }
}

struct Row {
    relay: Relay,
    client: Box<dyn Scripted>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// A full handshake, and a page.
    Full,
    /// A full handshake, and no page.
    Refused,
    /// A resumed handshake, and a page.
    Resumed,
}

impl Row {
    fn cells(mut self, lab: &Lab) -> Vec<Cell> {
        let (one, two) = (lab.files("client-one"), lab.files("client-two"));
        let without = self.connect("required.test", None, None, None, End::Refused);
        let with = self.connect("required.test", Some(&one), None, Some("own"), End::Full);
        let resumed = self.connect("required.test", Some(&one), Some("own"), None, End::Resumed);
        let open = self.carry("open.test", None, End::Refused);
        let optional = self.carry("optional.test", None, End::Refused);
        let other = self.carry("other.test", Some(&two), End::Refused);
        // This client may come in, but not by that session.
        let twin = self.carry("twin.test", Some(&one), End::Full);
        let word = |outcome: Result<(), String>, word| Cell::from(outcome.map(|()| word));
        vec![
            word(without, "refused"),
            word(with, "full"),
            word(resumed, "resumed"),
            word(open, "refused"),
            word(optional, "refused"),
            word(other, "refused"),
            word(twin, "full"),
        ]
    }

    /// Makes a session on a host, sees that it resumes there, and offers it to `required.test`.
    fn carry(&mut self, host: &str, shown: Option<&Files>, end: End) -> Result<(), String> {
        self.connect(host, shown, None, Some("seen-to-resume"), End::Full)?;
        self.connect(host, shown, Some("seen-to-resume"), None, End::Resumed)?;
        self.connect(host, shown, None, Some(host), End::Full)?;
        self.connect("required.test", shown, Some(host), None, end)
    }

    fn connect(
        &mut self,
        name: &str,
        certificate: Option<&Files>,
        offer: Option<&str>,
        keep: Option<&str>,
        expected: End,
    ) -> Result<(), String> {
        let visit = Visit { name, offer, keep, certificate };
        let (said, seen) = clients::visit(&mut *self.client, &self.relay, &visit)?;
        if seen.offered != offer.is_some() {
            return Err(format!("offers no session to {name}"));
        }
        let resumed = seen.answer.is_some_and(|answer| answer.resumed);
        let end = match (resumed, said.answered) {
            (true, true) => End::Resumed,
            (true, false) => return Err(format!("resumed on {name}, no page: {}", said.words)),
            (false, true) => End::Full,
            (false, false) => End::Refused,
        };
        if end == expected { Ok(()) } else { Err(format!("{end:?} on {name}: {}", said.words)) }
    }
}
