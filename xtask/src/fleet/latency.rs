//! What a store that is five milliseconds away costs a handshake. Figures, not a pass or a fail.

use std::time::Duration;

use super::clients::{Clients, Tally, Visit};
use super::hosts::{Hosts, Library, Settings};
use super::lab::{Lab, wait};
use super::proxy::Treatment;
use super::stalls::Stalls;
use super::store::Store;
use super::table::Table;
use super::trial::DEADLINE;
use crate::failure::Failure;

/// How much later each reply of the store arrives.
const AWAY: Duration = Duration::from_millis(5);

const CLIENTS: u32 = 32;

/// How long a client is away, on average.
const PAUSE: Duration = Duration::from_millis(150);

/// How long the clients are at it, each time.
const LASTS: Duration = Duration::from_secs(5);

/// How often the two are measured, one after the other.
const ROUNDS: u32 = 3;

const TEXT: &str = "\
Resumed handshakes in milliseconds, as the clients see them, and what is to be compared with their median:
twice the way to the store, and a handshake without one. A task ticks each millisecond on the server's own
runtime: by how much one tick of a thousand was late, and the worst; and how late a thread was that had
nothing to do with any of this.";

/// Measures resumed handshakes with each library, on a host on its own and on three that share.
pub(crate) fn measure(lab: &Lab) -> Result<(), Failure> {
    let mut table = Table::new(&[
        "hosts",
        "library",
        "resumed",
        "p50",
        "p99",
        "to compare",
        "ticks",
        "late",
        "worst",
        "machine",
    ]);
    for library in Library::ALL {
        let settings = Settings { ticking: true, ..Settings::new(library, DEADLINE) };
        let store = Store::one()?;
        store.treat(Treatment::Delay(AWAY))?;
        let (mut alone, mut sharing) = (Seen::default(), Seen::default());
        for _ in 0..ROUNDS {
            alone.add(lab, Settings { number: 1, ..settings }, None)?;
            sharing.add(lab, settings, Some(&store))?;
        }
        let local = Tally::of(&alone.visits).resumed_quantile(0.5);
        table.row(alone.row("one, no store", library, None));
        table.row(sharing.row("three, a store 5 ms away", library, Some(2 * AWAY + local)));
    }
    println!("\n{CLIENTS} clients.\n{TEXT}\n\n{table}");
    Ok(())
}

/// What was seen in all rounds.
#[derive(Default)]
struct Seen {
    visits: Vec<Visit>,
    ticks: u64,
    /// One tick of a thousand, on the host that was latest.
    late: Duration,
    worst: Duration,
    machine: Duration,
}

impl Seen {
    fn add(&mut self, lab: &Lab, settings: Settings, store: Option<&Store>) -> Result<(), Failure> {
        let hosts = Hosts::start(lab, settings, store)?;
        let clients = Clients::with_pause(lab, &hosts, CLIENTS, PAUSE)?;
        let stalls = Stalls::watch();
        wait(LASTS);
        self.machine = self.machine.max(stalls.take());
        self.visits.extend(clients.finish()?);
        for line in hosts.finish()? {
            let Some(numbers) = line.strip_prefix("ticks ") else { continue };
            let numbers: Result<Vec<u64>, _> = numbers.split(' ').map(str::parse).collect();
            let Ok(&[ticks, late, worst]) = numbers.as_deref() else {
                return Err(Failure::Fleet(format!("the server's ticks are unclear: {line}")));
            };
            self.ticks += ticks;
            self.late = self.late.max(Duration::from_micros(late));
            self.worst = self.worst.max(Duration::from_micros(worst));
        }
        Ok(())
    }

    fn row(&self, hosts: &str, library: Library, goal: Option<Duration>) -> Vec<String> {
        let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
        let tally = Tally::of(&self.visits);
        vec![
            hosts.to_owned(),
            library.name().to_owned(),
            tally.resumed().to_string(),
            ms(tally.resumed_quantile(0.5)),
            ms(tally.resumed_quantile(0.99)),
            goal.map_or_else(|| "-".to_owned(), ms),
            self.ticks.to_string(),
            ms(self.late),
            ms(self.worst),
            ms(self.machine),
        ]
    }
}
