//! Going through a cache: what could be resumed, once each, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod common;

use std::collections::BTreeSet;

use common::{build, context, id, lived, number};
use resumption_cache::{Context, SessionCache};
use resumption_session::{Lifetime, Usage};

fn insert(context: &Context, number: u64, lifetime: Lifetime) {
    let usage = if number % 2 == 0 { Usage::SingleUse } else { Usage::Reusable };
    let session = lived(context, number, lifetime).with_usage(usage);
    context.insert(session).unwrap();
}

/// Contexts and numbers; fails if anything appears twice.
fn seen(cache: &SessionCache) -> BTreeSet<(String, u64)> {
    let mut seen = BTreeSet::new();
    for session in cache.sessions() {
        let view = session.view();
        assert!(view.is_resumable());
        let number = number(view.payload());
        assert_eq!(view.id(), &id(number));
        let context = String::from_utf8(view.context().as_bytes().to_vec()).unwrap();
        assert!(seen.insert((context, number)), "{number} twice");
    }
    seen
}

#[test]
fn every_session_of_every_context_appears_once() {
    let (cache, _) = build(|builder| builder);
    let contexts = ["a", "b", "c"].map(|name| context(&cache, name.as_bytes()));
    let mut expected = BTreeSet::new();
    for number in 0..3_000 {
        // The same ids in all of them.
        let context = &contexts[usize::try_from(number).unwrap() % 3];
        insert(context, number / 2, Lifetime::from_secs(60));
        let name = String::from_utf8(context.bytes().as_bytes().to_vec()).unwrap();
        expected.insert((name, number / 2));
    }
    let offered = cache.stats().offered();
    assert_eq!(seen(&cache), expected);
    assert_eq!(cache.stats().offered(), offered, "nothing was looked up");
    assert_eq!(cache.len(), expected.len(), "and nothing was taken");
}

#[test]
fn what_could_not_be_resumed_does_not_appear() {
    let (cache, clock) = build(|builder| builder);
    let (kept, dropped) = (context(&cache, b"kept"), context(&cache, b"dropped"));
    for number in 0..10 {
        insert(&kept, number, Lifetime::from_secs(60 + number));
        insert(&dropped, number, Lifetime::from_secs(600));
    }
    dropped.invalidate();
    assert!(kept.take(&id(0)).is_hit());
    assert!(kept.remove(&id(1)));
    let numbers = |from: u64| (from..10).map(|number| ("kept".to_owned(), number)).collect();
    assert_eq!(seen(&cache), numbers(2));
    clock.advance(Lifetime::from_secs(65));
    // Valid at the very instant.
    assert_eq!(seen(&cache), numbers(5));
}

#[test]
fn a_session_that_leaves_while_it_is_held_says_so() {
    let (cache, _) = build(|builder| builder);
    let context = context(&cache, b"one");
    insert(&context, 1, Lifetime::from_secs(60));
    let held: Vec<_> = cache.sessions().collect();
    assert!(held[0].is_resumable());
    context.remove(&id(1));
    assert!(!held[0].is_resumable() && held[0].payload().len() == 8);
    assert!(seen(&cache).is_empty());
}
