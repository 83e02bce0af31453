//! 109 to 136: what must not resume, and how often the rest may.

use resumption_policy::{ClientCertificates, ContextFingerprint};
use resumption_session::{Lifetime, SessionId};

use super::{BOTH, Hello, Site, Stack, Version, World, full, resumes, shake};
use crate::wire::{Authority, authority};

pub(crate) fn case_109_another_context_does_not_resume_and_the_session_stays(stack: &dyn Stack) {
    for version in BOTH {
        let world = World::new();
        let server = world.serve(stack);
        let elsewhere = world.serve_as(stack, b"elsewhere", &Site::default());
        let ticket = full(&*server, version);
        world.events();
        assert!(!resumes(&*elsewhere, version, &ticket), "{version:?}");
        let counted = world.counted();
        assert_eq!((counted.hits, counted.misses, counted.timeouts), (0, 1, 0));
        assert_eq!(world.gone(), []);
        assert!(resumes(&*server, version, &ticket), "{version:?}");
    }
}

pub(crate) fn case_116_a_session_without_certificate_resumes_on_no_host_that_requires_one(
    stack: &dyn Stack,
) {
    let (one, other) = (authority("one"), authority("other"));
    for version in BOTH {
        let world = World::new();
        // Each in the context that follows from whom it lets in.
        let host = |clients: Option<Authority>| {
            let fingerprint = match &clients {
                None => ContextFingerprint::new(),
                Some(authority) => ContextFingerprint::new()
                    .client_certificates(ClientCertificates::Required, [&authority.certificate]),
            };
            let name = fingerprint.finish();
            world.serve_as(stack, name.as_bytes(), &Site { clients, ..Site::default() })
        };
        let (open, members) = (host(None), host(Some(one.clone())));
        let others = host(Some(other.clone()));
        // With a certificate of the one authority, for whom it counts.
        let mut hello = Hello::new(version);
        hello.identity = Some(one.client.clone());
        let member = shake(&*members, &hello);
        assert!(!member.has_resumed());
        let ticket = member.ticket();
        let anonymous = full(&*open, version);
        // Whoever has no certificate is turned away, whatever it has to offer.
        for (host, offered) in [(&members, &anonymous), (&others, &anonymous), (&others, &ticket)] {
            let shaken = shake(&**host, &Hello::new(version).offering(offered));
            assert_ne!(shaken.resumed, Some(true), "{version:?}");
            assert!(shaken.failed.is_some(), "{version:?}: no certificate");
        }
        // With a certificate of another authority too.
        let shaken = shake(&*others, &hello.clone().offering(&ticket));
        assert!(shaken.failed.is_some(), "{version:?}: of an authority that is not known there");
        // And it resumes where it was made.
        let ticket = shake(&*members, &hello).ticket();
        assert!(shake(&*members, &hello.clone().offering(&ticket)).has_resumed(), "{version:?}");
    }
}

pub(crate) fn case_119_extended_master_secret_on_both_or_neither(stack: &dyn Stack) {
    let world = World::new();
    let server = world.serve(stack);
    let with = Hello::new(Version::Tls12);
    let mut without = with.clone();
    without.extended_master_secret = false;
    let protected = shake(&*server, &with).ticket();
    let shaken = shake(&*server, &without.clone().offering(&protected));
    assert!(shaken.failed.is_some(), "a session that had it, offered without");
    let plain = shake(&*server, &without).ticket();
    assert!(!shake(&*server, &with.offering(&plain)).has_resumed());
    let plain = shake(&*server, &without).ticket();
    assert!(shake(&*server, &without.offering(&plain)).has_resumed());
}

pub(crate) fn case_126_each_handshake_of_tls_1_3_leaves_its_tickets(stack: &dyn Stack) {
    let world = World::new();
    let server = world.serve(stack);
    let shaken = shake(&*server, &Hello::new(Version::Tls13));
    assert_eq!((shaken.tickets.len(), world.cache.len()), (2, 2));
    assert!(shaken.tickets.iter().all(|ticket| ticket.identity().len() == SessionId::MAX_LEN));
    assert!(resumes(&*server, Version::Tls13, &shaken.tickets[0]));
    // The one that was used has left.
    assert_eq!(world.cache.len(), 1 + stack.tickets_when_resumed());
}

pub(crate) fn case_127_a_ticket_of_tls_1_3_resumes_once(stack: &dyn Stack) {
    let world = World::new();
    let server = world.serve(stack);
    let ticket = full(&*server, Version::Tls13);
    assert!(resumes(&*server, Version::Tls13, &ticket));
    assert!(!resumes(&*server, Version::Tls13, &ticket));
    let counted = world.counted();
    assert_eq!((counted.hits, counted.misses), (1, 1));
}

pub(crate) fn case_131_a_hello_retry_request_counts_once(stack: &dyn Stack) {
    let world = World::new();
    let server = world.serve_as(stack, b"site", &Site { only_p384: true, ..Site::default() });
    let ticket = full(&*server, Version::Tls13);
    assert!(resumes(&*server, Version::Tls13, &ticket));
    let stats = world.cache.stats();
    assert_eq!((stats.hits, stats.offered()), (1, 1));
}

pub(crate) fn case_134_a_wrong_binder_uses_the_ticket_up(stack: &dyn Stack) {
    let world = World::new();
    let server = world.serve(stack);
    let ticket = full(&*server, Version::Tls13);
    let forged = Hello::new(Version::Tls13).offering(&ticket.with_wrong_key());
    assert!(shake(&*server, &forged).failed.is_some());
    // Nobody got in, and the owner has a full handshake.
    assert!(!resumes(&*server, Version::Tls13, &ticket));
}

pub(crate) fn case_138_resuming_for_ever_ends_with_the_lineage(stack: &dyn Stack) {
    let world = World::new();
    world.cache.set_timeout(Lifetime::from_secs(86_400));
    let server = world.serve(stack);
    let mut ticket = full(&*server, Version::Tls13);
    // A client that comes every half day, each time with the newest ticket.
    let mut resumed = 0;
    loop {
        world.advance(43_200);
        let shaken = shake(&*server, &Hello::new(Version::Tls13).offering(&ticket));
        if !shaken.has_resumed() {
            break;
        }
        resumed += 1;
        assert!(resumed < 100, "for ever");
        ticket = shaken.ticket();
    }
    assert_eq!(resumed, 14, "seven days");
}

pub(crate) fn case_136_an_identity_of_another_length_is_not_looked_up(stack: &dyn Stack) {
    let world = World::new();
    world.use_store();
    let server = world.serve(stack);
    let ticket = full(&*server, Version::Tls13);
    let identity = ticket.identity();
    let longer = [&identity[..], &[0]].concat();
    for wrong in [&identity[..31], &longer] {
        assert!(!resumes(&*server, Version::Tls13, &ticket.with_identity(wrong)));
    }
    assert_eq!((world.store.asked(), world.cache.stats().offered()), (0, 0));
    assert!(resumes(&*server, Version::Tls13, &ticket));
}
