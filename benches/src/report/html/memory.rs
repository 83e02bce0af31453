//! Bytes a session, as bars.

use super::{Section, class, shown};
use crate::data::Data;
use crate::report::format::{short, significant};
use crate::report::svg::{Bar, bars};

pub(super) fn section(data: &Data) -> Option<Section> {
    let first = data.memory.first()?;
    let mut rows: Vec<_> = data.memory.iter().collect();
    rows.sort_by(|one, other| one.bytes_beyond_payload.total_cmp(&other.bytes_beyond_payload));
    let all: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let value = row.bytes_beyond_payload;
            let population = row.population.to_string();
            let key = [("peer", row.peer.as_str()), ("population", &population)];
            Bar {
                name: row.peer.clone(),
                class: class(&row.peer),
                value,
                text: significant(value),
                datum: shown("memory", &key, "bytes_beyond_payload", value, 1.0),
            }
        })
        .collect();
    let body = format!(
        "<p>Left is better. Bytes beyond the payload of {} bytes, the 32 bytes of the id included: \
         by how much the resident memory of a process grows that stores {} sessions in a cache made \
         for as many, divided by them. Room is hit ratio.</p>\n{}",
        first.payload,
        short(first.population),
        bars(&all, 900.0, Some((80.0, "budget: 80")))
    );
    let question = "What does remembering a session cost?".into();
    Some(Section { id: "memory", link: "Memory", question, body })
}
