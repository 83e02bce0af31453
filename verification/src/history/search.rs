//! The search for an order: after Wing and Gong (1993), with Lowe's memory of what was tried (2017).

use std::collections::HashSet;

use super::event::{Event, State};

/// A set of events, by their position.
type Done = Vec<u64>;

/// No order explains the events. What the longest that explains some of them looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The order, as positions.
    pub order: Vec<usize>,
    /// What a sequential map has at its end.
    pub state: Option<u64>,
    /// Which events could have come next, and do not fit.
    pub candidates: Vec<usize>,
}

/// A choice that was made, and what else could have been chosen.
struct Choice {
    before: State,
    others: Vec<usize>,
    chosen: usize,
}

/// Finds an order of `events`, which are sorted by when they began, that respects real time and that a
/// sequential map explains; returns it as positions.
pub(super) fn linearize(events: &[Event]) -> Result<Vec<usize>, Stuck> {
    let mut done: Done = vec![0; events.len().div_ceil(64)];
    let mut tried: HashSet<(Done, State)> = HashSet::new();
    let mut path: Vec<Choice> = Vec::new();
    let mut state: State = None;
    let mut others = candidates(events, &done, state);
    let mut best = Stuck { order: Vec::new(), state: None, candidates: others.clone() };
    while path.len() < events.len() {
        let step = others.pop().map(|event| (event, events[event].call.apply(state)));
        match step {
            Some((event, Some(after))) => {
                flip(&mut done, event);
                if tried.insert((done.clone(), after)) {
                    path.push(Choice { before: state, others, chosen: event });
                    state = after;
                    others = candidates(events, &done, state);
                    if path.len() > best.order.len() {
                        best = Stuck {
                            order: path.iter().map(|choice| choice.chosen).collect(),
                            state: state.map(|(number, _)| number),
                            candidates: others.clone(),
                        };
                    }
                } else {
                    flip(&mut done, event);
                }
            }
            Some((_, None)) => {}
            None => {
                let Some(choice) = path.pop() else { return Err(best) };
                flip(&mut done, choice.chosen);
                (state, others) = (choice.before, choice.others);
            }
        }
    }
    Ok(path.into_iter().map(|choice| choice.chosen).collect())
}

/// The events that may come next: those that began before any of the rest had ended. One that fits and
/// changes nothing is the only choice: to take it now spoils no order.
fn candidates(events: &[Event], done: &Done, state: State) -> Vec<usize> {
    let mut first_end = u64::MAX;
    let mut found = Vec::new();
    for (position, event) in events.iter().enumerate() {
        if event.when.began > first_end {
            break;
        }
        if done[position / 64] >> (position % 64) & 1 == 0 {
            if event.call.apply(state) == Some(state) {
                return vec![position];
            }
            first_end = first_end.min(event.when.ended);
            found.push(position);
        }
    }
    // The last is tried first: most often the one that began first is right.
    found.reverse();
    found
}

fn flip(done: &mut Done, position: usize) {
    done[position / 64] ^= 1 << (position % 64);
}
