//! 120 to 125 and 137: a connection's session, and how the connection ends.

use std::sync::{Arc, Mutex};

use resumption_cache::{CacheMode, Callbacks, Context, Removal, RemovalReason, Role};
use resumption_client::{Established, HeldSession, SessionSlot, ShutdownState, UncleanClose};
use resumption_session::ProtocolVersion;

use super::{cache, context, session};

const ROLES: [Role; 2] = [Role::Client, Role::Server];

/// A cached session, and a reference to it.
fn cached(context: &Context, number: u8) -> HeldSession {
    let made = session(context, number, ProtocolVersion::Tls12);
    context.insert(made.view().to_session()).unwrap();
    HeldSession::new(made)
}

/// An open connection that has made `session`.
fn open(context: &Context, role: Role, session: &HeldSession) -> SessionSlot {
    let mut slot = SessionSlot::new(context.clone(), role);
    slot.begin_handshake();
    slot.established(Established::Full(Some(session.clone())));
    slot
}

/// An open connection that has resumed `session`.
fn resumed(context: &Context, role: Role, session: &HeldSession) -> SessionSlot {
    let mut slot = SessionSlot::new(context.clone(), role);
    slot.set(Some(session.clone()));
    slot.begin_handshake();
    slot.established(Established::Resumed);
    assert!(slot.is_reused());
    slot
}

fn is_cached(context: &Context, session: &HeldSession) -> bool {
    context.get_with(session.id(), |_| ()).is_hit()
}

#[test]
fn case_120_only_a_close_that_was_sent_keeps_the_session() {
    for role in ROLES {
        for (state, kept) in [
            (ShutdownState::NONE, false),
            (ShutdownState::RECEIVED, false),
            (ShutdownState::SENT, true),
            (ShutdownState::BOTH, true),
        ] {
            let (cache, _) = cache(CacheMode::BOTH);
            let context = context(&cache);
            let session = cached(&context, 1);
            let mut slot = open(&context, role, &session);
            slot.set_shutdown(state);
            drop(slot);
            assert_eq!(is_cached(&context, &session), kept, "{role:?} {state:?}");
            assert_eq!(session.is_resumable(), kept);
        }
    }
}

#[test]
fn case_121_freed_during_the_handshake_it_stays() {
    for role in ROLES {
        let (cache, _) = cache(CacheMode::BOTH);
        let context = context(&cache);
        let session = cached(&context, 1);
        let mut slot = SessionSlot::new(context.clone(), role);
        slot.set(Some(session.clone()));
        slot.begin_handshake();
        drop(slot);
        assert!(is_cached(&context, &session) && session.is_resumable());
    }
}

#[test]
fn case_122_an_unclean_close_may_leave_what_others_share() {
    let (cache, _) = cache(CacheMode::BOTH);
    let context = context(&cache);
    for (policy, kept_own, kept_shared) in [
        (UncleanClose::Remove, false, false),
        (UncleanClose::RemoveOwn, false, true),
        (UncleanClose::Keep, true, true),
    ] {
        let (own, shared) = (cached(&context, 1), cached(&context, 2));
        drop(open(&context, Role::Server, &own).with_unclean_close(policy));
        drop(resumed(&context, Role::Server, &shared).with_unclean_close(policy));
        assert_eq!(is_cached(&context, &own), kept_own, "{policy:?}");
        assert_eq!(is_cached(&context, &shared), kept_shared, "{policy:?}");
    }
}

#[test]
fn case_123_setting_another_session_or_none_on_an_open_connection_removes_the_old_one() {
    for replaced_by in [None, Some(2)] {
        let (cache, _) = cache(CacheMode::BOTH);
        let context = context(&cache);
        let old = cached(&context, 1);
        let other = replaced_by.map(|number| cached(&context, number));
        let mut slot = open(&context, Role::Client, &old);
        let references = old.references();
        let former = slot.set(other.clone());
        assert!(former.is_some_and(|former| former.is_same(&old)));
        assert_eq!(old.references(), references - 1);
        assert!(!is_cached(&context, &old) && !old.is_resumable());
        if let Some(other) = &other {
            assert!(is_cached(&context, other));
            assert!(slot.get0().is_some_and(|set| set.is_same(other)));
        }
    }
    // Before a connection, and after one that was closed in order, it stays.
    let (cache, _) = cache(CacheMode::BOTH);
    let context = context(&cache);
    let session = cached(&context, 1);
    let mut slot = SessionSlot::new(context.clone(), Role::Client);
    slot.set(Some(session.clone()));
    slot.set(None);
    let mut slot = open(&context, Role::Client, &session);
    slot.close_sent();
    slot.set(None);
    assert!(is_cached(&context, &session));
}

#[test]
fn case_124_clearing_an_open_connection_removes_its_session() {
    let (cache, _) = cache(CacheMode::BOTH);
    let context = context(&cache);
    let session = cached(&context, 1);
    let mut slot = open(&context, Role::Client, &session);
    slot.clear();
    assert!(!is_cached(&context, &session));
    assert!(slot.get0().is_none() && !slot.is_reused());
    // One that is good stays set, for the next connection.
    let session = cached(&context, 2);
    let mut slot = open(&context, Role::Client, &session);
    slot.close_sent();
    slot.clear();
    assert!(is_cached(&context, &session) && slot.get0().is_some());
    assert_eq!(slot.shutdown(), ShutdownState::NONE);
}

#[test]
fn case_125_a_fatal_alert_removes_the_session() {
    for role in ROLES {
        let (cache, _) = cache(CacheMode::BOTH);
        let context = context(&cache);
        let session = cached(&context, 1);
        let mut slot = SessionSlot::new(context.clone(), role);
        slot.set(Some(session.clone()));
        slot.begin_handshake();
        // In the handshake, when an unclean close says nothing.
        slot.fatal_alert();
        assert!(!is_cached(&context, &session), "{role:?}");
    }
}

#[test]
fn case_137_a_client_removes_the_session_of_tls_1_3_that_it_has_used() {
    for (mode, removed) in [(CacheMode::CLIENT, true), (CacheMode::SERVER, false)] {
        let (cache, _) = cache(mode);
        let context = context(&cache);
        let (announced, gone) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counter, reasons) = (Arc::clone(&announced), Arc::clone(&gone));
        let callbacks = Callbacks::none()
            .on_new(move |_: resumption_session::SessionView<'_>| {
                *counter.lock().unwrap() += 1;
                resumption_cache::Retention::Keep
            })
            .on_remove(move |removal: Removal<'_>| reasons.lock().unwrap().push(removal.reason));
        cache.set_callbacks(callbacks);
        let ticket = session(&context, 1, ProtocolVersion::Tls13);
        context.insert(ticket.view().to_session()).unwrap();
        let held = HeldSession::new(ticket);
        let slot = resumed(&context, Role::Client, &held);
        assert_eq!(is_cached(&context, &held), !removed, "{mode:?}");
        assert_eq!(held.is_resumable(), !removed);
        let told = if removed { vec![RemovalReason::Removed] } else { vec![] };
        assert_eq!(*gone.lock().unwrap(), told);
        // Each new ticket is announced, if the mode keeps clients' sessions.
        for number in [2, 3] {
            let ticket = session(&context, number, ProtocolVersion::Tls13);
            let kept = context.insert_negotiated(Role::Client, ticket);
            assert_eq!(kept.is_ok(), removed);
        }
        assert_eq!(*announced.lock().unwrap(), if removed { 2 } else { 0 });
        drop(slot);
    }
}

#[test]
fn case_154_what_get1_gives_outlives_the_connection_and_its_removal() {
    let (cache, _) = cache(CacheMode::BOTH);
    let context = context(&cache);
    let session = cached(&context, 1);
    let slot = open(&context, Role::Client, &session);
    let references = session.references();
    let lent = slot.get0().map(HeldSession::references);
    assert_eq!(lent, Some(references), "a loan counts nothing");
    let owned = slot.get1().unwrap();
    assert_eq!(session.references(), references + 1);
    drop(slot);
    drop(session);
    assert!(!is_cached(&context, &owned));
    assert_eq!(owned.view().payload().expose(), [1; 48]);
}
