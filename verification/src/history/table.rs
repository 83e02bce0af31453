//! How an impossible history is shown.

use core::fmt;

use super::event::Event;
use super::search::Stuck;

/// Writes one line an event, with its place in the longest order found.
pub(super) fn write(f: &mut fmt::Formatter<'_>, events: &[Event], stuck: &Stuck) -> fmt::Result {
    writeln!(f, "  order  thread   began   ended  saw")?;
    for (position, event) in events.iter().enumerate() {
        let place = stuck.order.iter().position(|other| *other == position);
        let place = match place {
            Some(place) => format!("{place}"),
            None if stuck.candidates.contains(&position) => "misfit".to_owned(),
            None => "-".to_owned(),
        };
        let Event { thread, when, call, .. } = event;
        writeln!(f, "  {place:>6} {thread:>6} {:>7} {:>7}  {call:?}", when.began, when.ended)?;
    }
    write!(f, "  after {} events a map has {:?}", stuck.order.len(), stuck.state)
}
