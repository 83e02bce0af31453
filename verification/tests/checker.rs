//! The checker itself: histories by hand, of which it must accept the possible and reject the others.

#![forbid(unsafe_code)]

use resumption_map::Cause;
use verification::history::{Call, Event, History, Impossible, Interval};
use verification::map::{FOREVER, Spot};

const KEY: Spot = Spot { scope: 0, id: 1 };

/// An event of thread `thread` from `began` to `ended`.
fn event(thread: usize, began: u64, ended: u64, call: Call) -> Event {
    Event { thread, when: Interval { began, ended }, at: KEY, call }
}

fn insert(number: u64) -> Call {
    Call::Inserted { number, expires: FOREVER, replaced: None, now: 0 }
}

fn replace(old: u64, number: u64) -> Call {
    Call::Inserted { number, expires: FOREVER, replaced: Some(old), now: 0 }
}

fn hit(number: u64) -> Call {
    Call::Hit { number, now: 0 }
}

fn take(number: u64) -> Call {
    Call::Taken { number, now: 0 }
}

fn departed(number: u64, cause: Cause) -> Call {
    Call::Departed { number, cause, now: 0 }
}

#[track_caller]
fn accepts<const N: usize>(events: [Event; N]) {
    // In whatever sequence the threads handed them over.
    let (forth, back) = (History::of(1, events), History::of(1, events.into_iter().rev()));
    for history in [forth, back] {
        if let Err(why) = history.check() {
            panic!("{why}");
        }
    }
}

#[track_caller]
fn rejects<const N: usize>(events: [Event; N]) -> Impossible {
    History::of(1, events).check().expect_err("no correct map does this")
}

#[test]
fn one_thread_in_its_own_order() {
    accepts([
        event(0, 0, 1, Call::Absent),
        event(0, 2, 3, insert(1)),
        event(0, 4, 5, hit(1)),
        event(0, 6, 7, replace(1, 2)),
        event(0, 8, 9, take(2)),
        event(0, 10, 11, Call::Absent),
    ]);
    accepts([]);
}

#[test]
fn overlapping_operations_may_have_taken_effect_in_either_order() {
    for seen in [Call::Absent, hit(1)] {
        accepts([event(0, 0, 10, insert(1)), event(1, 2, 8, seen)]);
    }
    // Both lookups run inside the insert: the first may see it and the second must then.
    accepts([event(0, 0, 9, insert(1)), event(1, 1, 2, Call::Absent), event(1, 3, 4, hit(1))]);
    rejects([event(0, 0, 9, insert(1)), event(1, 1, 2, hit(1)), event(1, 3, 4, Call::Absent)]);
}

#[test]
fn a_lookup_that_begins_after_a_departure_does_not_find_it() {
    for gone in [take(1), departed(1, Cause::Removed), departed(1, Cause::Evicted)] {
        rejects([event(0, 0, 1, insert(1)), event(1, 2, 3, gone), event(0, 4, 5, hit(1))]);
        accepts([event(0, 0, 1, insert(1)), event(1, 2, 5, gone), event(0, 3, 4, hit(1))]);
    }
}

#[test]
fn two_takers_cannot_both_win() {
    rejects([event(0, 0, 1, insert(1)), event(0, 2, 9, take(1)), event(1, 2, 9, take(1))]);
    accepts([event(0, 0, 1, insert(1)), event(0, 2, 9, take(1)), event(1, 3, 8, Call::Absent)]);
}

#[test]
fn a_departure_is_reported_once_and_not_never() {
    let evicted = departed(1, Cause::Evicted);
    rejects([event(0, 0, 1, insert(1)), event(0, 2, 9, evicted), event(1, 2, 9, evicted)]);
    rejects([event(0, 0, 1, insert(1)), event(0, 2, 9, evicted), event(1, 2, 9, take(1))]);
    // It is gone at the end, and nobody said so.
    rejects([event(0, 0, 1, insert(1)), event(9, 8, 9, Call::Absent)]);
    // What nobody inserted cannot depart.
    rejects([event(0, 0, 1, evicted)]);
}

#[test]
fn replacing_shows_no_gap_and_no_double() {
    let (first, second) = (event(0, 0, 1, insert(1)), event(0, 2, 9, replace(1, 2)));
    accepts([first, second, event(1, 3, 4, hit(1)), event(1, 5, 6, hit(2))]);
    rejects([first, second, event(1, 3, 4, hit(2)), event(1, 5, 6, hit(1))]);
    rejects([first, second, event(1, 3, 4, Call::Absent)]);
    // Two live entries of one key: both inserts say that they found none.
    rejects([event(0, 0, 9, insert(1)), event(1, 0, 9, insert(2))]);
}

#[test]
fn an_expired_entry_is_neither_found_nor_evicted() {
    let short = Call::Inserted { number: 1, expires: 5, replaced: None, now: 0 };
    let expired = Call::Departed { number: 1, cause: Cause::Expired, now: 6 };
    accepts([event(0, 0, 1, short), event(0, 2, 3, Call::Hit { number: 1, now: 5 })]);
    rejects([event(0, 0, 1, short), event(0, 2, 3, Call::Hit { number: 1, now: 6 })]);
    rejects([event(0, 0, 1, short), event(0, 2, 3, Call::Taken { number: 1, now: 6 })]);
    accepts([event(0, 0, 1, short), event(0, 2, 3, expired)]);
    let early = Call::Departed { number: 1, cause: Cause::Expired, now: 5 };
    rejects([event(0, 0, 1, short), event(0, 2, 3, early)]);
    let evicted = Call::Departed { number: 1, cause: Cause::Evicted, now: 6 };
    rejects([event(0, 0, 1, short), event(0, 2, 3, evicted)]);
    // Nor replaced: whoever comes upon it says that it expired.
    let replaced = Call::Inserted { number: 2, expires: 9, replaced: Some(1), now: 6 };
    rejects([event(0, 0, 1, short), event(0, 2, 3, replaced)]);
}

#[test]
fn an_object_is_the_same_only_while_it_stays() {
    let (first, second) = (event(0, 0, 1, insert(1)), event(0, 2, 3, replace(1, 2)));
    accepts([first, second, event(0, 4, 5, Call::Gone { number: 1 })]);
    rejects([first, second, event(0, 4, 5, Call::Still { number: 1 })]);
    rejects([first, event(0, 4, 5, Call::Gone { number: 1 })]);
}

#[test]
fn keys_are_independent() {
    let elsewhere = Spot { scope: 1, id: 1 };
    let moved = |event: Event| Event { at: elsewhere, ..event };
    accepts([event(0, 0, 1, insert(1)), moved(event(0, 2, 3, Call::Absent))]);
    let why = rejects([event(0, 0, 1, insert(1)), moved(event(0, 2, 3, hit(1)))]);
    assert!(matches!(why, Impossible::NoOrder { at, .. } if at == elsewhere));
}

#[test]
fn nobody_is_evicted_while_there_is_room() {
    let events = [event(0, 0, 1, insert(1)), event(1, 2, 3, departed(1, Cause::Evicted))];
    History::of(1, events).check().expect("the only place was taken");
    let why = History::of(2, events).check().expect_err("one place was free");
    assert!(matches!(why, Impossible::Room(_)), "{why}");
}

#[test]
fn no_more_is_held_than_the_capacity() {
    let other = |event: Event| Event { at: Spot { scope: 0, id: 2 }, ..event };
    let events = [event(0, 0, 1, insert(1)), other(event(1, 2, 3, insert(2)))];
    History::of(2, events).check().expect("two places");
    let why = History::of(1, events).check().expect_err("one place");
    assert!(matches!(why, Impossible::Room(_)), "{why}");
}

#[test]
fn a_rejected_history_shows_each_event_and_the_misfit() {
    let why = rejects([event(0, 0, 1, insert(1)), event(1, 2, 3, hit(7))]).to_string();
    assert!(why.contains("misfit") && why.contains("number: 7"), "{why}");
    assert_eq!(why.lines().count(), 5, "{why}");
}

/// Many overlapping lookups that all fit: the search remembers what it tried, or it would take for ever.
#[test]
fn a_crowd_of_overlapping_events_is_decided_quickly() {
    let crowd = (0..24).map(|thread| event(thread, 1, 90, hit(1)));
    let last = [event(0, 0, 2, insert(1)), event(99, 1, 91, hit(2))];
    let why = History::of(1, crowd.chain(last)).check();
    assert!(why.is_err(), "nobody inserted entry 2");
}
