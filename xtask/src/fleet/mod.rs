//! A fleet on loopback: hosts that share sessions through Redis, clients that return to any of them, and
//! what happens to both when the store is hurt.
//!
//! `docs/fleet.md` says how to read what is printed.

mod clients;
mod counters;
mod fault;
mod hosts;
mod lab;
mod latency;
mod proxy;
mod replays;
mod share;
mod stalls;
mod store;
mod table;
mod talker;
mod trial;

use std::time::Instant;

use self::fault::Fault;
use self::hosts::Library;
use self::lab::{Build, Lab};
use self::table::Table;
use self::trial::Trial;
use crate::failure::Failure;
use crate::prerequisites;

/// What CI has time for, each with one of the libraries.
const QUICK: [(Fault, Library); 3] = [
    (Fault::Stopped, Library::Rustls),
    (Fault::Cut, Library::Openssl),
    (Fault::Down, Library::Rustls),
];

/// Which part of all this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Everything that passes or fails.
    All,
    /// Faults with such a name alone.
    Faults(&'a str),
    /// The figures.
    Latency,
    /// As much as CI does.
    Quick,
}

/// Runs it, prints tables, and fails for what is not as it should be.
pub(crate) fn run(part: Part<'_>) -> Result<(), Failure> {
    prerequisites::tools()?;
    let seed = std::env::var("RESUMPTION_SEED").ok().and_then(|seed| seed.parse().ok());
    let build = if part == Part::Latency { Build::Release } else { Build::Debug };
    let faults = faults(part)?;
    let lab = Lab::set_up(build, seed.unwrap_or(1))?;
    let started = Instant::now();
    let mut wrong = 0;
    match part {
        Part::Latency => return latency::measure(&lab),
        Part::All => wrong += share::check(&lab, share::Length::Long)?,
        Part::Quick => wrong += share::check(&lab, share::Length::Short)?,
        Part::Faults(_) => {}
    }
    wrong += trials(&lab, &faults)?;
    println!("fleet: {:.0} s", started.elapsed().as_secs_f64());
    match wrong {
        0 => Ok(()),
        count => Err(Failure::Faults { count, of: "things that are not as they should be" }),
    }
}

fn faults(part: Part<'_>) -> Result<Vec<(Fault, Library)>, Failure> {
    let pairs =
        Fault::ALL.into_iter().flat_map(|fault| Library::ALL.map(|library| (fault, library)));
    match part {
        Part::All => Ok(pairs.collect()),
        Part::Latency => Ok(Vec::new()),
        Part::Quick => Ok(QUICK.to_vec()),
        Part::Faults(name) => {
            let chosen: Vec<_> = pairs.filter(|(fault, _)| fault.name().contains(name)).collect();
            if chosen.is_empty() {
                let known = Fault::ALL.map(Fault::name).join(", ");
                return Err(Failure::Unknown { what: "fault", name: name.to_owned(), known });
            }
            Ok(chosen)
        }
    }
}

fn trials(lab: &Lab, faults: &[(Fault, Library)]) -> Result<usize, Failure> {
    let mut table = Table::new(&[
        "fault",
        "hosts",
        "visits",
        "failed",
        "twice",
        "before",
        "during 1.2",
        "1.3",
        "after",
        "full",
        "p50",
        "p99",
        "worst",
        "stall",
        "allowed",
        "opened",
        "counted",
    ]);
    let mut wrong = Vec::new();
    for (fault, library) in faults {
        println!("fleet: {}, {}", fault.name(), library.name());
        let trial = Trial::run(lab, *fault, *library)?;
        wrong.extend(
            trial
                .faults()
                .into_iter()
                .map(|why| format!("{}, {}: {why}", fault.name(), library.name())),
        );
        table.row(row(&trial));
    }
    println!("\n{FAULTS}\n\n{table}");
    for why in &wrong {
        println!("WRONG: {why}");
    }
    Ok(wrong.len())
}

const FAULTS: &str = "\
Faults. Shares are of the visits with which a client came back, in percent. Times are handshakes in
milliseconds: the longest one while all was well (full), then those under the fault, and what the longest
of these may take. Stall: how late a thread was that had nothing to do with any of this. Opened: how often
the breakers opened, lookups/writes, failed probes included; all were closed at the end. Counted: while the
fault lasted.";

fn row(trial: &Trial) -> Vec<String> {
    let (before, during, after) = (&trial.before, &trial.during, &trial.after);
    let share = |share: clients::Share| match share.returned {
        0 => "-".to_owned(),
        _ => format!("{:.1}", share.percent()),
    };
    let ms = |time: std::time::Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    let rounds = trial.spent.rounds;
    vec![
        trial.fault.name().to_owned(),
        trial.library.name().to_owned(),
        (before.visits + during.visits + after.visits).to_string(),
        trial.failed().to_string(),
        format!("{} of {rounds}", trial.spent.twice),
        share(before.share()),
        share(during.tls12),
        share(during.tls13),
        share(after.share()),
        ms(trial.full_handshake()),
        ms(during.quantile(0.5)),
        ms(during.quantile(0.99)),
        ms(during.quantile(1.0)),
        ms(trial.stall),
        ms(trial.allowed()),
        format!("{}/{}", trial.opened("lookups"), trial.opened("writes")),
        trial.told(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_found_by_a_part_of_its_name() {
        let found = faults(Part::Faults("kill")).expect("there is one");
        assert_eq!(found, Library::ALL.map(|library| (Fault::Killed, library)));
        assert!(faults(Part::Faults("earthquake")).is_err());
        assert_eq!(faults(Part::All).expect("all").len(), 20);
    }
}
