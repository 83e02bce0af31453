//! How many clients that come back to any host resume, and that a single-use session resumes once.

use std::time::Duration;

use super::clients::{Clients, Tally};
use super::hosts::{Hosts, Library, Settings};
use super::lab::{Lab, wait};
use super::replays::Replays;
use super::store::Store;
use super::table::Table;
use super::trial::DEADLINE;
use crate::failure::Failure;

/// The share of the clients that resume, at least, in percent.
const GOAL: f64 = 99.0;

/// For single use, the store may take its time: what is asked is how often a session resumes, and a
/// take whose answer comes too late is one that nobody gets.
const PATIENT: Duration = Duration::from_millis(500);

/// How long this goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Long,
    Short,
}

/// Checks both on a cluster, with each library; returns how much is not as it should be.
pub(crate) fn check(lab: &Lab, length: Length) -> Result<usize, Failure> {
    let (lasts, rounds) = match length {
        Length::Long => (Duration::from_secs(20), 300),
        Length::Short => (Duration::from_secs(6), 40),
    };
    let store = Store::cluster()?;
    println!("fleet: a cluster of three primaries and three replicas serves every slot");
    let mut shares = Table::new(&["hosts", "TLS", "returned", "resumed", "share"]);
    let mut spent = Table::new(&["hosts", "sessions", "once", "never", "twice or more", "failed"]);
    let mut wrong = Vec::new();
    for library in Library::ALL {
        let tally = returning(lab, library, &store, lasts)?;
        for (version, share) in [("1.2", tally.tls12), ("1.3", tally.tls13)] {
            let percent = share.percent();
            shares.row(vec![
                library.name().to_owned(),
                version.to_owned(),
                share.returned.to_string(),
                share.resumed.to_string(),
                format!("{percent:.2} %"),
            ]);
            if percent < GOAL {
                wrong.push(format!("{}, TLS {version}: {percent:.2} % resumed", library.name()));
            }
        }
        let failed = tally.failed.iter();
        wrong.extend(failed.map(|why| format!("{}: a handshake failed: {why}", library.name())));

        let hosts = Hosts::start(lab, Settings::new(library, PATIENT), Some(&store))?;
        let seen = Replays::start(lab, &hosts, Some(rounds))?.finish()?;
        let counts = [seen.rounds, seen.once, seen.never, seen.twice, seen.failed];
        let cells = [library.name().to_owned()].into_iter();
        spent.row(cells.chain(counts.iter().map(u32::to_string)).collect());
        if seen.once != rounds || seen.failed > 0 {
            wrong.push(format!("{}: not every single-use session resumed once", library.name()));
        }
    }
    println!(
        "\nClients that come back to a random host of three, with a deadline of {} ms.\n\n{shares}",
        DEADLINE.as_millis()
    );
    println!("A TLS 1.3 session that is offered to all three at once, and then again.\n\n{spent}");
    for why in &wrong {
        println!("WRONG: {why}");
    }
    Ok(wrong.len())
}

fn returning(
    lab: &Lab,
    library: Library,
    store: &Store,
    lasts: Duration,
) -> Result<Tally, Failure> {
    let hosts = Hosts::start(lab, Settings::new(library, DEADLINE), Some(store))?;
    let clients = Clients::start(lab, &hosts, 12)?;
    wait(lasts);
    Ok(Tally::of(&clients.finish()?))
}
