//! `cargo xtask interop`: clients that others wrote, against `resumption serve`, with each TLS library.
//!
//! How a handshake went is read off the wire by a relay between client and server, and where a client
//! has a word of its own for it, the two must agree. What comes out is two tables; a cell that is not as
//! expected fails the task, and a missing client fails it before it begins.

mod clients;
mod escalation;
mod lab;
mod matrix;
pub(crate) mod pki;
mod relay;
mod server;
mod table;
mod wire;

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use self::clients::Client;
use self::lab::{Lab, Stack, Variant};
use self::table::{Cell, Table};
use crate::command::{cargo, run};
use crate::failure::Failure;
use crate::prerequisites;

/// Rows that run at once. They mostly wait: for sessions to grow old, and for servers to close.
const AT_ONCE: usize = 6;

/// Which of the tables a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Escalation,
    Matrix,
}

/// Above the first table.
const SESSIONS: &str = "\
Sessions. Where TLS is \"retried\", the server takes the group P-384 alone, which each client has and
none guesses: every handshake has a HelloRetryRequest. \"Expired\" is a session that was offered a little
after its life of one second. \"Wrong context\" is one of a.test, offered to b.test on the same server.";

/// Above the second table.
const ESCALATION: &str = "\
Sessions and client certificates. The first three columns are connections to a host that requires a
certificate. Then sessions are offered there that were made elsewhere, each seen to resume where it was
made: none of them may resume.";

type Row = (Part, Client, Variant, Stack);

/// Runs every row and prints the tables; with `client`, those of clients with such a name.
pub(crate) fn check(client: Option<&str>) -> Result<(), Failure> {
    let rows = rows(client)?;
    prerequisites::interop()?;
    let build = ["build", "--package", "resumption-server", "--bin", "resumption"];
    run(cargo().args(build).args(["--example", "rustls-client"]))?;
    let started = Instant::now();
    let lab = Lab::set_up()?;
    let cells = run_all(&lab, &rows);
    let mut faults = 0;
    for (part, title, columns) in [
        (Part::Matrix, SESSIONS, &matrix::COLUMNS[..]),
        (Part::Escalation, ESCALATION, &escalation::COLUMNS[..]),
    ] {
        let mut table = Table::new(&["client", "TLS", "server"], columns);
        for (row, cells) in rows.iter().zip(&cells) {
            let (its_part, client, variant, stack) = *row;
            if its_part == part {
                table.row(vec![client.name(), variant.name(), stack.name()], cells.clone());
            }
        }
        if !table.is_empty() {
            println!("\n{title}\n\n{table}");
        }
        faults += table.faults();
    }
    println!("interop: {} rows in {:.1} s", rows.len(), started.elapsed().as_secs_f64());
    match faults {
        0 => Ok(()),
        count => Err(Failure::Faults { count, of: "cells that are not as expected" }),
    }
}

/// The rows, in the order of the tables.
fn rows(client: Option<&str>) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let mut add = |part, clients: &[Client], variants: &[Variant]| {
        for &client in
            clients.iter().filter(|known| client.is_none_or(|part| known.name().contains(part)))
        {
            for &variant in variants {
                rows.extend(Stack::ALL.map(|stack| (part, client, variant, stack)));
            }
        }
    };
    add(Part::Matrix, &Client::ALL, &Variant::ALL);
    add(Part::Escalation, &escalation::CLIENTS, &[Variant::Tls12, Variant::Tls13]);
    match client {
        Some(name) if rows.is_empty() => Err(Failure::Unknown {
            what: "client",
            name: name.to_owned(),
            known: Client::ALL.map(Client::name).join(", "),
        }),
        _ => Ok(rows),
    }
}

/// Runs the rows, the last first: browsers take longest.
fn run_all(lab: &Lab, rows: &[Row]) -> Vec<Vec<Cell>> {
    let waiting = Mutex::new((0..rows.len()).collect::<Vec<_>>());
    let done = Mutex::new(vec![Vec::new(); rows.len()]);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some(number) = next else { return };
                    let (part, client, variant, stack) = rows[number];
                    let cells = match part {
                        Part::Escalation => escalation::row(lab, client, variant, stack),
                        Part::Matrix => matrix::row(lab, client, variant, stack),
                    };
                    done.lock().unwrap_or_else(PoisonError::into_inner)[number] = cells;
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_in_the_table_with_each_version_and_library() {
        let all = rows(None).unwrap();
        let of_matrix = all.iter().filter(|(part, ..)| *part == Part::Matrix).count();
        assert_eq!(of_matrix, 6 * 3 * 2);
        assert_eq!(all.len() - of_matrix, 3 * 2 * 2);
        let openssl = rows(Some("openssl")).unwrap();
        assert!(openssl.iter().all(|(_, client, ..)| client.name().starts_with("openssl")));
        assert!(rows(Some("netscape")).is_err());
    }
}
