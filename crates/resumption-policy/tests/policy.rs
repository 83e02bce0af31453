//! Properties of the decisions:
//! * what is admitted is valid at the instant of its admission and invalid one tick after `expires`;
//! * no cap is ever exceeded, whatever the session says of itself;
//! * a mode word means the same in numbers and in names;
//! * sweeping is bounded by a step an operation and by a lap a lap.

use proptest::prelude::*;
use resumption_policy::{
    Asked, CacheMode, Capacity, Limits, Refusal, Role, Rules, SweepSchedule, Timeouts, admit,
    expires_at, is_expired, may_resume,
};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, Timestamp, Usage,
};

const NOW: Timestamp = Timestamp::from_unix_secs(1_000_000_000);

fn rules() -> Rules {
    Rules {
        mode: CacheMode::SERVER,
        timeouts: Timeouts::new(),
        limits: Limits::new(),
        entry_bytes: 100,
        bytes_in_place: 0,
        not_before: Timestamp::EPOCH,
    }
}

fn session() -> Session {
    lived(Lifetime::from_secs(7200))
}

fn lived(lifetime: Lifetime) -> Session {
    Session::new(
        SessionId::from([1; 32]),
        SessionIdContext::EMPTY,
        NOW,
        lifetime,
        SecretBytes::new(vec![0; 10]),
    )
}

fn refused(session: &Session, rules: &Rules) -> Refusal {
    admit(&session.view(), &SessionIdContext::EMPTY, rules, NOW).expect_err("refused")
}

fn asked(usage: Usage) -> Asked<'static> {
    Asked { context: &SessionIdContext::EMPTY, version: Some(ProtocolVersion::Tls12), usage }
}

fn resume(session: &Session, usage: Usage) -> Result<(), Refusal> {
    may_resume(&session.view(), &asked(usage), &Timeouts::new(), Timestamp::EPOCH, NOW)
}

#[test]
fn the_nine_modes_have_openssls_values() {
    let values = [
        (CacheMode::OFF, 0),
        (CacheMode::CLIENT, 1),
        (CacheMode::SERVER, 2),
        (CacheMode::BOTH, 3),
        (CacheMode::NO_AUTO_CLEAR, 0x80),
        (CacheMode::NO_INTERNAL_LOOKUP, 0x100),
        (CacheMode::NO_INTERNAL_STORE, 0x200),
        (CacheMode::NO_INTERNAL, 0x300),
        (CacheMode::UPDATE_TIME, 0x400),
    ];
    for (mode, bits) in values {
        assert_eq!(mode.bits(), bits);
        assert_eq!(CacheMode::from_bits(bits), Ok(mode));
    }
    assert_eq!(CacheMode::default(), CacheMode::SERVER);
    assert_eq!(CacheMode::from_bits(0xffff).expect_err("unknown").bits(), 0xf87c);
}

#[test]
fn off_neither_looks_up_nor_stores_whatever_else_is_set() {
    for mode in [CacheMode::OFF, CacheMode::UPDATE_TIME, CacheMode::NO_AUTO_CLEAR] {
        assert!(mode.is_off() && !mode.looks_up() && !mode.stores_internally());
        assert!(!mode.stores(Role::Client) && !mode.stores(Role::Server));
    }
    assert!(CacheMode::CLIENT.stores(Role::Client) && !CacheMode::CLIENT.stores(Role::Server));
}

#[test]
fn modes_print_their_names() {
    let mode = CacheMode::BOTH | CacheMode::NO_INTERNAL | CacheMode::UPDATE_TIME;
    assert_eq!(
        format!("{mode:?}"),
        "CacheMode(BOTH | NO_INTERNAL_LOOKUP | NO_INTERNAL_STORE | UPDATE_TIME)"
    );
}

#[test]
fn zero_timeout_means_the_default_and_reads_back_as_zero() {
    let timeouts = Timeouts::new().with_session(Lifetime::ZERO);
    assert_eq!(timeouts.session(), Lifetime::ZERO);
    assert_eq!(timeouts.for_new_session(), Lifetime::from_secs(7200));
    assert_eq!(Timeouts::new().for_new_session(), Lifetime::from_secs(7200));
}

#[test]
fn never_is_never_only_under_an_old_version_and_without_a_lineage_cap() {
    let timeouts = Timeouts::new().with_lineage_cap(Lifetime::NEVER);
    let old = lived(Lifetime::NEVER).with_version(ProtocolVersion::Tls12);
    assert_eq!(expires_at(&old.view(), &timeouts), Timestamp::END_OF_TIME);
    let week = NOW.saturating_add(Timeouts::WEEK);
    assert_eq!(expires_at(&old.view(), &Timeouts::new()), week);
    assert_eq!(expires_at(&lived(Lifetime::NEVER).view(), &timeouts), week);
    let new = lived(Lifetime::NEVER).with_version(ProtocolVersion::Tls13);
    assert_eq!(expires_at(&new.view(), &timeouts), week);
    assert_eq!(Timeouts::new().with_tls13_cap(Lifetime::NEVER).tls13_cap(), Timeouts::WEEK);
}

#[test]
fn each_refusal_of_an_admission_has_its_cause() {
    let off = Rules { mode: CacheMode::NO_AUTO_CLEAR, ..rules() };
    assert_eq!(refused(&session(), &off), Refusal::CachingOff);
    assert_eq!(refused(&session().not_resumable(), &rules()), Refusal::NotResumable);
    let other = SessionIdContext::new(b"other").expect("short");
    let refusal = admit(&session().view(), &other, &rules(), NOW).expect_err("refused");
    assert_eq!(refusal, Refusal::Context);
    let tick = Lifetime::from_nanos(1);
    let future = session().with_created(NOW.saturating_add(tick));
    assert_eq!(refused(&future, &rules()), Refusal::FromTheFuture);
    let past = lived(tick).with_created(Timestamp::from_nanos(NOW.as_nanos() - 2));
    assert_eq!(refused(&past, &rules()), Refusal::AlreadyExpired);
    let small = Rules { limits: Limits::new().with_max_payload(9), ..rules() };
    assert_eq!(refused(&session(), &small), Refusal::TooLarge);
    let invalidated = Rules { not_before: NOW.saturating_add(tick), ..rules() };
    assert_eq!(refused(&session(), &invalidated), Refusal::Policy);
    let ancient = session().with_authenticated_at(Timestamp::from_unix_secs(0));
    assert_eq!(refused(&ancient, &rules()), Refusal::Policy);
}

#[test]
fn each_refusal_of_a_resumption_has_its_cause() {
    let tls12 = || session().with_version(ProtocolVersion::Tls12);
    assert_eq!(resume(&tls12(), Usage::Reusable), Ok(()));
    assert_eq!(resume(&session(), Usage::Reusable), Ok(()), "no version stated");
    let tls13 = session().with_version(ProtocolVersion::Tls13);
    assert_eq!(resume(&tls13, Usage::Reusable), Err(Refusal::Version));
    let single = || tls12().with_usage(Usage::SingleUse);
    assert_eq!(resume(&single(), Usage::Reusable), Err(Refusal::SingleUse));
    assert_eq!(resume(&single(), Usage::SingleUse), Ok(()));
    assert_eq!(resume(&tls12().not_resumable(), Usage::Reusable), Err(Refusal::NotResumable));
}

#[test]
fn clocks_may_differ_by_the_skew_and_no_more() {
    let timeouts = Timeouts::new().with_clock_skew(Lifetime::from_secs(2));
    let rules = Rules { timeouts, ..rules() };
    let at = |secs| {
        let created = NOW.saturating_add(Lifetime::from_secs(secs));
        let session = session().with_created(created);
        admit(&session.view(), &SessionIdContext::EMPTY, &rules, NOW)
    };
    assert!(at(2).is_ok());
    assert_eq!(at(3), Err(Refusal::FromTheFuture));
}

#[test]
fn a_capacity_of_openssl_is_unlimited_at_zero_and_never_negative() {
    assert_eq!(Capacity::from_openssl(0), Ok(Capacity::unlimited()));
    assert_eq!(Capacity::from_openssl(-1).expect_err("negative").given(), -1);
    let three = Capacity::from_openssl(3).expect("positive");
    assert_eq!(three.entries().map(std::num::NonZeroUsize::get), Some(3));
}

#[test]
fn a_lap_of_never_means_no_sweeping() {
    let never = SweepSchedule::new(Lifetime::NEVER);
    assert_eq!(never.due(Timestamp::EPOCH, Timestamp::END_OF_TIME, 1000), None);
}

proptest! {
    #[test]
    fn what_is_admitted_expires_when_its_admission_says(
        age in 0_u64..700_000_000_000_000,
        lifetime in 0_u64..1_000_000_000_000_000,
        origin_age in 0_u64..1_400_000_000_000_000,
        version in proptest::option::of(proptest::sample::select(ProtocolVersion::ALL.to_vec())),
    ) {
        let before = |nanos| Timestamp::from_nanos(NOW.as_nanos() - nanos);
        let mut made = lived(Lifetime::from_nanos(lifetime))
            .with_created(before(age))
            .with_authenticated_at(before(origin_age));
        if let Some(version) = version {
            made = made.with_version(version);
        }
        let view = made.view();
        match admit(&view, &SessionIdContext::EMPTY, &rules(), NOW) {
            Ok(admission) => {
                prop_assert!(!is_expired(admission.expires, NOW));
                prop_assert!(admission.expires <= view.ends());
                prop_assert!(
                    admission.expires <= before(origin_age).saturating_add(Timeouts::WEEK)
                );
                let after = admission.expires.saturating_add(Lifetime::from_nanos(1));
                let again = admit(&view, &SessionIdContext::EMPTY, &rules(), after);
                prop_assert!(matches!(
                    again, Err(Refusal::AlreadyExpired | Refusal::Policy)
                ));
                prop_assert!(
                    admit(&view, &SessionIdContext::EMPTY, &rules(), admission.expires).is_ok()
                );
            }
            Err(refusal) => {
                prop_assert!(matches!(refusal, Refusal::AlreadyExpired | Refusal::Policy));
                prop_assert!(is_expired(expires_at(&view, &Timeouts::new()), NOW));
            }
        }
    }

    #[test]
    fn mode_words_round_trip_and_combine(a in 0_u32..0x800, b in 0_u32..0x800) {
        if let (Ok(x), Ok(y)) = (CacheMode::from_bits(a), CacheMode::from_bits(b)) {
            prop_assert_eq!((x | y).bits(), a | b);
            prop_assert!((x | y).contains(x) && (x | y).contains(y));
        } else {
            prop_assert!((a | b) & 0x7c != 0, "only the unnamed bits are refused");
        }
    }

    #[test]
    fn a_late_sweep_makes_up_for_one_lap_at_most(
        buckets in 1_usize..5_000_000,
        late in 0_u64..1_000_000_000_000,
    ) {
        let schedule = SweepSchedule::default();
        let steps = buckets.div_ceil(SweepSchedule::STEP);
        let mut next = Timestamp::from_nanos(NOW.as_nanos() - late);
        let mut swept = 0;
        while let Some(due) = schedule.due(next, NOW, buckets) {
            prop_assert!(due.buckets <= SweepSchedule::STEP);
            prop_assert!(due.next > next);
            next = due.next;
            swept += 1;
            // One step more than a lap, for the rounding of the interval.
            prop_assert!(swept <= steps + steps / 100 + 2, "more than a lap at one instant");
        }
    }
}
