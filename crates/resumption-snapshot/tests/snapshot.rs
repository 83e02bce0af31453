//! What was in the cache before is in it afterwards, once, and nothing else is.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::sync::Arc;

use resumption_cache::{CacheMode, Capacity, Lookup, SessionCache};
use resumption_sealing::{Codec, KeyRing, Namespace};
use resumption_session::{Lifetime, SecretBytes, Session, SessionId, SessionObject, Usage};
use resumption_snapshot::{RestoreError, Restored, Snapshots};
use support::{Server, WEEK, at, key, session, snapshots, told};

/// A snapshot of what is in a server's cache.
fn written(server: &Server) -> Vec<u8> {
    let mut bytes = Vec::new();
    let drained = snapshots().write(&server.cache, &mut bytes).unwrap();
    assert_eq!(drained.bytes, bytes.len() as u64);
    bytes
}

#[test]
fn ten_thousand_sessions_of_several_contexts_come_back_as_they_were() {
    let contexts = ["www", "api", "mail"];
    let before = Server::new(&contexts);
    for number in 0..10_000 {
        before.insert(number);
    }
    let mut bytes = Vec::new();
    let drained = snapshots().write(&before.cache, &mut bytes).unwrap();
    assert_eq!((drained.sessions, drained.left_out), (10_000, 0));

    let after = Server::new(&contexts);
    let restored = snapshots().read(&after.contexts, &bytes[..]).unwrap();
    assert_eq!((restored.loaded, restored.found(), restored.complete), (10_000, 10_000, true));
    assert_eq!(after.told(), before.told());
    assert_eq!(after.cache.len(), 10_000);
    after.cache.validate().unwrap();
}

#[test]
fn an_empty_cache_is_a_snapshot_too() {
    let bytes = written(&Server::new(&["www"]));
    let restored = snapshots().read(&Server::new(&["www"]).contexts, &bytes[..]).unwrap();
    assert_eq!((restored.found(), restored.complete), (0, true));
}

/// A session that its TLS stack keeps as an object of its own.
struct Object(Option<&'static [u8]>);

impl SessionObject for Object {
    fn weight(&self) -> usize {
        100
    }
    fn encode(&self) -> Option<SecretBytes> {
        self.0.map(|bytes| SecretBytes::new(bytes.to_vec()))
    }
}

#[test]
fn an_object_is_written_by_its_encoding_if_it_has_one() {
    let before = Server::new(&["www"]);
    let context = &before.contexts[0];
    for (number, encoding) in [(1, Some(&b"encoded"[..])), (2, None)] {
        let object = Arc::new(Object(encoding));
        let life = Lifetime::from_secs(60);
        let id = SessionId::from([number; 32]);
        let session = Session::of_object(id, *context.bytes(), context.now(), life, object);
        context.insert(session).unwrap();
    }
    let mut bytes = Vec::new();
    let drained = snapshots().write(&before.cache, &mut bytes).unwrap();
    assert_eq!((drained.sessions, drained.left_out), (1, 1));
    let after = Server::new(&["www"]);
    let restored = snapshots().read(&after.contexts, &bytes[..]).unwrap();
    assert_eq!((restored.loaded, restored.complete), (1, true));
    let found = after.contexts[0].get_with(&SessionId::from([1; 32]), |session| {
        session.object().is_none() && session.payload().expose() == b"encoded"
    });
    assert_eq!(found, Lookup::Hit(true));
}

#[test]
fn what_cannot_be_resumed_is_not_written() {
    let server = Server::new(&["www", "api"]);
    for number in 0..100 {
        server.insert(number);
    }
    // Half of them are the other context's.
    server.contexts[1].invalidate();
    assert_eq!(snapshots().write(&server.cache, Vec::new()).unwrap().sessions, 50);
    server.contexts[0].take(session(0, &server.contexts[0]).id());
    assert_eq!(snapshots().write(&server.cache, Vec::new()).unwrap().sessions, 49);
    server.clock.advance(Lifetime::from_secs(8_000));
    assert_eq!(snapshots().write(&server.cache, Vec::new()).unwrap().sessions, 0);
}

#[test]
fn what_has_expired_meanwhile_is_not_loaded() {
    let before = Server::new(&["www"]);
    for number in 0..10 {
        before.insert(number);
    }
    before.clock.advance(Lifetime::from_secs(1_000));
    for number in 10..30 {
        before.insert(number);
    }
    let bytes = written(&before);
    // The first ten live for 7200 s from the start, the rest as long from 1000 s on.
    for (later, loaded) in [(7_200, 30), (7_201, 20), (8_200, 20), (8_201, 0)] {
        let after = Server::new(&["www"]);
        after.clock.set(at(later));
        let restored =
            snapshots().with_longest_pause(WEEK).read(&after.contexts, &bytes[..]).unwrap();
        assert_eq!((restored.loaded, restored.expired), (loaded, 30 - loaded), "at {later} s");
    }
}

#[test]
fn sessions_of_contexts_that_are_not_named_stay_out() {
    let before = Server::new(&["www", "api"]);
    for number in 0..100 {
        before.insert(number);
    }
    let bytes = written(&before);
    let after = Server::new(&["api", "another policy"]);
    let restored = snapshots().read(&after.contexts, &bytes[..]).unwrap();
    assert_eq!((restored.loaded, restored.unknown_context), (50, 50));
    assert!(restored.complete && after.cache.len() == 50);
    assert_eq!(snapshots().read(&[], &bytes[..]).unwrap(), Restored::default());
}

#[test]
fn a_cache_that_is_off_or_invalidated_since_takes_nothing() {
    let before = Server::new(&["www"]);
    before.insert(1);
    let bytes = written(&before);
    let after = Server::new(&["www"]);
    after.cache.set_mode(CacheMode::OFF);
    assert_eq!(snapshots().read(&after.contexts, &bytes[..]).unwrap().refused, 1);
    after.cache.set_mode(CacheMode::SERVER);
    after.clock.advance(Lifetime::from_secs(1));
    after.contexts[0].invalidate();
    assert_eq!(snapshots().read(&after.contexts, &bytes[..]).unwrap().refused, 1);
    assert!(after.cache.is_empty());
}

#[test]
fn a_smaller_cache_holds_what_it_can() {
    let before = Server::new(&["www"]);
    for number in 0..1_000 {
        before.insert(number);
    }
    let bytes = written(&before);
    let few = Capacity::from_openssl(100).unwrap();
    let cache = SessionCache::builder().clock(before.clock.clone()).capacity(few).build().unwrap();
    let context = cache.context(*before.contexts[0].bytes()).unwrap();
    let restored = snapshots().read(&[context], &bytes[..]).unwrap();
    assert_eq!(restored.found(), 1_000);
    assert_eq!(cache.len(), 100);
}

/// Cut at every length: what is whole is loaded.
#[test]
fn what_is_whole_of_a_cut_snapshot_is_loaded() {
    let before = Server::small(&["www"]);
    for number in 0..5 {
        before.insert(number);
    }
    let bytes = written(&before);
    let mut loaded_before = 0;
    for end in 0..bytes.len() {
        let after = Server::small(&["www"]);
        let read = snapshots().read(&after.contexts, &bytes[..end]);
        let restored = match read {
            Ok(restored) => restored,
            Err(error) => {
                assert!(end < 16 && matches!(error, RestoreError::NotASnapshot), "{end}: {error}");
                continue;
            }
        };
        assert!(!restored.complete && restored.found() == restored.loaded, "{end}: {restored:?}");
        assert!(restored.loaded >= loaded_before, "{end}: {restored:?}");
        loaded_before = restored.loaded;
        assert_eq!(after.cache.len() as u64, restored.loaded);
    }
    assert_eq!(loaded_before, 5, "all that the end says is that it is the end");
}

/// Every single bit: nothing is loaded that was not written, and one flip costs one record at most, unless
/// it hits a length or the beginning.
#[test]
fn a_flipped_bit_costs_what_it_hits() {
    let before = Server::small(&["www"]);
    for number in 0..3 {
        before.insert(number);
    }
    let (bytes, originals) = (written(&before), before.told());
    let (mut one_less, mut fewer, mut end_lost) = (0, 0, 0);
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let after = Server::small(&["www"]);
        let Ok(restored) = snapshots().read(&after.contexts, &bytes[..]) else {
            assert!(bit / 8 < 16, "{bit}");
            continue;
        };
        for told in after.told() {
            assert!(originals.contains(&told), "{bit}: {told}");
        }
        assert!(restored.loaded < 3 || !restored.complete, "{bit}: nobody noticed");
        match restored {
            Restored { loaded: 3, .. } => end_lost += 1,
            Restored { loaded: 2, .. } => one_less += 1,
            _ => fewer += 1,
        }
    }
    // Nearly all bits are those of records.
    let bits = bytes.len() * 8;
    assert!(one_less > bits / 2 && fewer > 0 && end_lost > 0, "{one_less} {fewer} {end_lost}");
}

#[test]
fn records_do_not_move() {
    let before = Server::new(&["www"]);
    // Of the same length, in whichever order they come.
    for number in [0, 6] {
        before.insert(number);
    }
    let bytes = written(&before);
    let (header, records) = bytes.split_at(16);
    let length = 4 + usize::from(u16::from_be_bytes([records[2], records[3]]));
    let (one, rest) = records.split_at(length);
    let (other, end) = rest.split_at(length);
    for moved in [[other, one].concat(), [one, one].concat(), [one, other, one].concat()] {
        let bytes = [header, &moved, end].concat();
        let after = Server::new(&["www"]);
        let restored = snapshots().read(&after.contexts, &bytes[..]).unwrap();
        assert!(restored.damaged > 0, "{restored:?}");
    }
    let without = [header, one, end].concat();
    let restored = snapshots().read(&Server::new(&["www"]).contexts, &without[..]).unwrap();
    assert_eq!((restored.loaded, restored.complete), (1, false));
}

#[test]
fn other_keys_deployments_and_encodings_open_nothing() {
    let before = Server::new(&["www"]);
    for number in 0..10 {
        before.insert(number);
    }
    let bytes = written(&before);
    let name = |name: &str| Namespace::new(name).unwrap();
    let read = |snapshots: Snapshots| {
        let after = Server::new(&["www"]);
        let restored = snapshots.read(&after.contexts, &bytes[..]).unwrap();
        assert!(!restored.complete && after.cache.is_empty());
        restored
    };
    let other_key = KeyRing::new(&[key(3)], &[key(2)]).unwrap();
    let restored = read(Snapshots::new(other_key, name("test"), Codec::RUSTLS_0_23));
    assert_eq!((restored.unknown_key, restored.found()), (10, 10));
    for (namespace, codec) in [("other", Codec::RUSTLS_0_23), ("test", Codec::OPENSSL_DER)] {
        let ring = KeyRing::new(&[key(1)], &[key(2)]).unwrap();
        let restored = read(Snapshots::new(ring, name(namespace), codec));
        assert_eq!((restored.damaged, restored.found()), (10, 10));
    }
    // An older key still opens.
    let ring = KeyRing::new(&[key(3), key(1)], &[key(2)]).unwrap();
    let rotated = Snapshots::new(ring, name("test"), Codec::RUSTLS_0_23);
    let restored = rotated.read(&Server::new(&["www"]).contexts, &bytes[..]).unwrap();
    assert_eq!((restored.loaded, restored.complete), (10, true));
}

#[test]
fn other_versions_and_other_files_are_refused() {
    let before = Server::new(&["www"]);
    before.insert(1);
    let mut bytes = written(&before);
    bytes[7] = 2;
    let read = |bytes: &[u8]| snapshots().read(&Server::new(&["www"]).contexts, bytes);
    assert!(matches!(read(&bytes), Err(RestoreError::UnknownVersion(2))));
    assert!(matches!(read(b"not a snapshot at all"), Err(RestoreError::NotASnapshot)));
    assert!(matches!(read(&[]), Err(RestoreError::NotASnapshot)));
}

#[test]
fn a_snapshot_from_long_ago_or_from_the_future_is_refused() {
    let before = Server::new(&["www"]);
    before.insert(1);
    before.clock.advance(Lifetime::from_secs(10_000));
    before.insert(2);
    let bytes = written(&before);
    for (time, read) in [(9_990, false), (10_000, true), (13_600, true), (13_601, false)] {
        let after = Server::new(&["www"]);
        after.clock.set(at(time));
        let restored = snapshots().read(&after.contexts, &bytes[..]);
        assert_eq!(restored.is_ok(), read, "at {time} s: {restored:?}");
        assert!(read || matches!(restored, Err(RestoreError::TooOld)));
    }
}

/// A length that promises 64 KiB and a stream that has nothing: no more than that is allocated.
#[test]
fn garbage_behind_a_good_header_is_a_cut() {
    let start = written(&Server::new(&["www"]))[..16].to_vec();
    for garbage in [&[0xff; 4][..], &[0x7f, 0xff, 0xff, 0xff, 1], &[0, 1, 0, 0, 9], &[0, 0, 0, 0]] {
        let after = Server::new(&["www"]);
        let bytes = [&start, garbage].concat();
        let used = allocation_counter::measure(|| {
            let restored = snapshots().read(&after.contexts, &bytes[..]).unwrap();
            assert!(!restored.complete && restored.loaded == 0, "{restored:?}");
        });
        assert!(used.bytes_max < 100_000, "{used:?}");
    }
}

#[test]
fn debug_shows_no_key() {
    let shown = format!("{:?}", snapshots());
    assert!(shown.contains("test") && !shown.contains('1'), "{shown}");
}

/// The sessions of the tests differ in all that a session can differ in.
#[test]
fn the_sessions_of_these_tests_are_of_all_kinds() {
    let server = Server::new(&["www"]);
    let sessions: Vec<_> = (0..12).map(|number| session(number, &server.contexts[0])).collect();
    assert!(sessions.iter().any(|session| session.view().usage() == Usage::SingleUse));
    assert!(sessions.iter().any(|session| session.view().version().is_none()));
    assert!(sessions.iter().any(|session| session.payload().len() > 1_000));
    let told: std::collections::BTreeSet<_> = sessions.iter().map(|s| told(&s.view())).collect();
    assert_eq!(told.len(), 12);
}
