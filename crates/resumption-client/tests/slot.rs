//! `SSL_set_session(3)` and its companions: the session of a connection.

mod common;

use common::{HOUR, START};
use resumption_cache::{
    CacheMode, Callbacks, Context, ManualClock, Removal, RemovalReason, Role, SessionCache,
};
use resumption_client::{Established, HeldSession, SessionSlot, ShutdownState, UncleanClose};
use resumption_session::{ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext};
use std::sync::{Arc, Mutex};

const BOTH_ROLES: [Role; 2] = [Role::Client, Role::Server];

fn context() -> Context {
    context_in(CacheMode::BOTH, Callbacks::none())
}

fn context_in(mode: CacheMode, callbacks: Callbacks) -> Context {
    let cache = SessionCache::builder()
        .mode(mode)
        .clock(ManualClock::new(START))
        .callbacks(callbacks)
        .build()
        .expect("a possible shape");
    cache.context(SessionIdContext::EMPTY).expect("few")
}

/// A cached session of this version, and a reference to it.
fn cached(context: &Context, number: u8, version: ProtocolVersion) -> HeldSession {
    let payload = SecretBytes::new(vec![number; 48]);
    let id = SessionId::from([number; 32]);
    let session = Session::new(id, *context.bytes(), context.now(), HOUR, payload);
    let session = session.with_version(version);
    context.insert(session.view().to_session()).expect("room");
    HeldSession::new(session)
}

fn is_cached(context: &Context, session: &HeldSession) -> bool {
    context.get_with(session.id(), |_| ()).is_hit()
}

/// A connection that is open after a full handshake in which `session` was made.
fn open(context: &Context, role: Role, session: &HeldSession) -> SessionSlot {
    let mut slot = SessionSlot::new(context.clone(), role);
    slot.begin_handshake();
    slot.established(Established::Full(Some(session.clone())));
    slot
}

/// A connection that is open after it has resumed `session`.
fn resumed(context: &Context, role: Role, session: &HeldSession) -> SessionSlot {
    let mut slot = SessionSlot::new(context.clone(), role);
    slot.set(Some(session.clone()));
    slot.begin_handshake();
    slot.established(Established::Resumed);
    slot
}

/// Case 120.
#[test]
fn only_a_close_that_was_sent_keeps_the_session() {
    for role in BOTH_ROLES {
        for (state, kept) in [
            (ShutdownState::NONE, false),
            (ShutdownState::RECEIVED, false),
            (ShutdownState::SENT, true),
            (ShutdownState::BOTH, true),
        ] {
            let context = context();
            let session = cached(&context, 1, ProtocolVersion::Tls12);
            let mut slot = open(&context, role, &session);
            slot.set_shutdown(state);
            assert_eq!(slot.shutdown(), state);
            drop(slot);
            assert_eq!(is_cached(&context, &session), kept, "{role:?} {state:?}");
            assert_eq!(session.is_resumable(), kept, "{role:?} {state:?}");
        }
    }
}

#[test]
fn the_shutdown_state_collects_what_was_said_and_can_be_set() {
    let context = context();
    let mut slot = SessionSlot::new(context, Role::Client);
    slot.close_received();
    assert_eq!(slot.shutdown(), ShutdownState::RECEIVED);
    slot.close_sent();
    assert_eq!(slot.shutdown(), ShutdownState::BOTH);
    slot.set_shutdown(ShutdownState::NONE);
    assert_eq!(slot.shutdown(), ShutdownState::NONE, "assigned, not added");
}

/// Case 121.
#[test]
fn a_connection_that_ends_in_its_handshake_removes_nothing() {
    for role in BOTH_ROLES {
        let context = context();
        let session = cached(&context, 1, ProtocolVersion::Tls12);
        let mut before = SessionSlot::new(context.clone(), role);
        before.set(Some(session.clone()));
        drop(before);
        let mut during = SessionSlot::new(context.clone(), role);
        during.set(Some(session.clone()));
        during.begin_handshake();
        drop(during);
        // A renegotiation is a handshake too.
        let mut again = open(&context, role, &session);
        again.begin_handshake();
        drop(again);
        assert!(is_cached(&context, &session), "{role:?}");
    }
}

/// Case 122.
#[test]
fn the_policy_decides_what_an_unclean_close_removes() {
    for role in BOTH_ROLES {
        for (policy, made_stays, resumed_stays) in [
            (UncleanClose::Keep, true, true),
            (UncleanClose::Remove, false, false),
            (UncleanClose::RemoveOwn, false, true),
        ] {
            let context = context();
            let made = cached(&context, 1, ProtocolVersion::Tls12);
            drop(open(&context, role, &made).with_unclean_close(policy));
            assert_eq!(is_cached(&context, &made), made_stays, "{role:?} {policy:?}");

            let shared = cached(&context, 2, ProtocolVersion::Tls12);
            drop(resumed(&context, role, &shared).with_unclean_close(policy));
            assert_eq!(is_cached(&context, &shared), resumed_stays, "{role:?} {policy:?}");
        }
    }
}

/// Case 123.
#[test]
fn setting_another_session_on_an_open_connection_removes_the_former() {
    for role in BOTH_ROLES {
        let context = context();
        let (first, second) = (
            cached(&context, 1, ProtocolVersion::Tls12),
            cached(&context, 2, ProtocolVersion::Tls12),
        );
        let mut slot = open(&context, role, &first);
        let former = slot.set(Some(second.clone())).expect("it had one");
        assert!(former.is_same(&first));
        assert!(!is_cached(&context, &first) && !first.is_resumable());
        assert!(slot.set(None).expect("the second").is_same(&second));
        assert!(!is_cached(&context, &second));
        assert!(slot.get0().is_none());
        assert!(slot.set(None).is_none());
    }
}

#[test]
fn setting_another_session_before_the_handshake_removes_nothing() {
    let context = context();
    let (first, second) =
        (cached(&context, 1, ProtocolVersion::Tls12), cached(&context, 2, ProtocolVersion::Tls12));
    let mut slot = SessionSlot::new(context.clone(), Role::Client);
    slot.set(Some(first.clone()));
    slot.set(Some(second.clone()));
    drop(slot);
    assert!(is_cached(&context, &first) && is_cached(&context, &second));
}

/// `SSL_set_session(3)`: the count goes up by one; if the session is not reused, it goes down again.
#[test]
fn a_session_that_is_not_reused_is_let_go_in_the_handshake() {
    let context = context();
    let (offered, made) =
        (cached(&context, 1, ProtocolVersion::Tls12), cached(&context, 2, ProtocolVersion::Tls12));
    let mut slot = SessionSlot::new(context.clone(), Role::Client);
    assert_eq!(offered.references(), 1);
    slot.set(Some(offered.clone()));
    assert_eq!(offered.references(), 2);
    slot.begin_handshake();
    slot.established(Established::Full(Some(made.clone())));
    assert_eq!(offered.references(), 1);
    assert!(!slot.is_reused());
    assert!(slot.get0().expect("its own").is_same(&made));
    assert!(is_cached(&context, &offered), "refused is not bad");
}

#[test]
fn a_session_that_is_reused_is_the_one_that_was_set() {
    for role in BOTH_ROLES {
        let context = context();
        let session = cached(&context, 1, ProtocolVersion::Tls12);
        let slot = resumed(&context, role, &session);
        assert!(slot.is_reused());
        assert!(slot.get0().expect("set").is_same(&session));
    }
}

/// Case 154.
#[test]
fn get1_outlives_the_removal_and_the_connection() {
    let context = context();
    let session = cached(&context, 1, ProtocolVersion::Tls12);
    let slot = open(&context, Role::Server, &session);
    let references = session.references();
    assert!(slot.get0().is_some());
    assert_eq!(session.references(), references, "a borrow counts nothing");
    let own = slot.get1().expect("there is one");
    assert_eq!(session.references(), references + 1);
    drop((slot, session));
    assert_eq!(own.references(), 1);
    assert_eq!(own.view().payload().expose(), [1; 48]);
    assert!(!own.is_resumable() && !is_cached(&context, &own));
}

/// Case 137.
#[test]
fn a_client_removes_the_tls_1_3_session_that_it_has_used() {
    for version in [ProtocolVersion::Tls13, ProtocolVersion::Dtls13] {
        let context = context();
        let used = cached(&context, 1, version);
        let mut slot = resumed(&context, Role::Client, &used);
        assert!(!is_cached(&context, &used) && !used.is_resumable(), "{version}");
        // The next ticket takes its place, and stays when the connection ends as it should.
        let next = cached(&context, 2, version);
        slot.renewed(next.clone());
        slot.close_sent();
        drop(slot);
        assert!(is_cached(&context, &next) && next.is_resumable());
    }
}

#[test]
fn nobody_else_removes_the_session_that_was_used() {
    for (mode, role, version) in [
        (CacheMode::BOTH, Role::Server, ProtocolVersion::Tls13),
        (CacheMode::BOTH, Role::Client, ProtocolVersion::Tls12),
        (CacheMode::SERVER, Role::Client, ProtocolVersion::Tls13),
    ] {
        let context = context_in(mode, Callbacks::none());
        let used = cached(&context, 1, version);
        let slot = resumed(&context, role, &used);
        assert!(is_cached(&context, &used), "{mode:?} {role:?} {version}");
        drop(slot);
    }
}

/// §2.15 of TLS 1.3's tickets: only the last one's session is the connection's.
#[test]
fn an_unclean_close_removes_the_last_tickets_session_only() {
    let context = context();
    let tickets = [1, 2].map(|number| cached(&context, number, ProtocolVersion::Tls13));
    let mut slot = SessionSlot::new(context.clone(), Role::Server);
    slot.begin_handshake();
    slot.established(Established::Full(None));
    for ticket in &tickets {
        slot.renewed(ticket.clone());
    }
    drop(slot);
    assert_eq!(tickets.map(|ticket| is_cached(&context, &ticket)), [true, false]);
}

#[test]
fn a_new_ticket_before_tls_1_3_supersedes_what_a_client_resumed() {
    for (role, stays) in [(Role::Client, false), (Role::Server, true)] {
        let context = context();
        let old = cached(&context, 1, ProtocolVersion::Tls12);
        let new = cached(&context, 2, ProtocolVersion::Tls12);
        let mut slot = resumed(&context, role, &old);
        slot.renewed(new.clone());
        slot.close_sent();
        assert_eq!(is_cached(&context, &old), stays, "{role:?}");
        assert!(is_cached(&context, &new));
    }
    // Under the same id, removing the old one would remove the new one.
    let context = context();
    let old = cached(&context, 1, ProtocolVersion::Tls12);
    let new = cached(&context, 1, ProtocolVersion::Tls12);
    let mut slot = resumed(&context, Role::Client, &old);
    slot.renewed(new.clone());
    slot.close_sent();
    assert!(is_cached(&context, &new));
}

/// Case 125.
#[test]
fn a_fatal_alert_removes_the_session_even_in_the_handshake() {
    for policy in [UncleanClose::Keep, UncleanClose::Remove, UncleanClose::RemoveOwn] {
        let context = context();
        let session = cached(&context, 1, ProtocolVersion::Tls12);
        let mut slot = SessionSlot::new(context.clone(), Role::Server).with_unclean_close(policy);
        slot.set(Some(session.clone()));
        slot.begin_handshake();
        slot.fatal_alert();
        assert!(!is_cached(&context, &session) && !session.is_resumable(), "{policy:?}");
    }
}

#[test]
fn clearing_keeps_a_good_session_and_drops_a_bad_one() {
    let context = context();
    let session = cached(&context, 1, ProtocolVersion::Tls12);
    let mut slot = open(&context, Role::Client, &session);
    slot.close_sent();
    slot.clear();
    assert_eq!(slot.shutdown(), ShutdownState::NONE);
    assert!(slot.get0().expect("to be resumed").is_same(&session));
    slot.begin_handshake();
    slot.established(Established::Resumed);
    assert!(slot.is_reused());
    slot.clear();
    assert!(slot.get0().is_none() && !slot.is_reused());
    assert!(!is_cached(&context, &session));
}

#[test]
fn a_removal_is_reported_once_and_an_external_store_hears_of_it() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let callbacks = Callbacks::none().on_remove({
        let heard = Arc::clone(&heard);
        move |removal: Removal<'_>| {
            heard.lock().expect("no panic").push((*removal.id, removal.reason));
        }
    });
    let context = context_in(CacheMode::BOTH, callbacks);
    let session = cached(&context, 1, ProtocolVersion::Tls12);
    let mut slot = open(&context, Role::Server, &session);
    slot.set(None);
    drop(slot);
    assert_eq!(*heard.lock().expect("no panic"), [(*session.id(), RemovalReason::Removed)]);
}

#[test]
fn a_slot_does_not_print_its_session() {
    let context = context();
    let session = cached(&context, 171, ProtocolVersion::Tls12);
    let shown = format!("{:?}", open(&context, Role::Server, &session));
    assert!(!shown.contains("171") && !shown.contains("abab"), "{shown}");
}
