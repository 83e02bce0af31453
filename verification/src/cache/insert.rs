//! Inserting, compared with the oracle.

use resumption_cache::{
    InsertError, InsertRefusal, Inserted, NewTimes, Refusal, RemovalReason, Role, SetTimesError,
};
use resumption_session::{Lifetime, Session, Timestamp, Usage};

use super::bench::{Bench, Evicts, Kept, short_id};
use super::log::{number, payload};
use super::operation::{By, Entry};
use super::oracle::{Asked, Held};

impl Bench<'_> {
    pub(super) fn insert(&mut self, entry: Entry) {
        let Entry { place, usage, .. } = entry;
        let now = self.now();
        self.oracle.numbers += 1;
        let context = self.context(place);
        let lifetime = entry.lifetime.map_or_else(
            || context.timeouts().for_new_session(),
            |secs| Lifetime::from_secs(secs.into()),
        );
        let created = now.as_unix_secs().saturating_add_signed(-i64::from(entry.age));
        let created = Timestamp::from_unix_secs(created);
        let mut session = Session::new(
            short_id(place.id),
            *context.bytes(),
            created,
            lifetime,
            payload(self.oracle.numbers, entry.payload),
        )
        .with_usage(usage);
        if let Some(version) = place.version {
            session = session.with_version(version);
        }
        let dated = if self.oracle.mode.updates_time() { now } else { created };
        let new = Held {
            context: place.context,
            id: place.id,
            number: self.oracle.numbers,
            object: self.oracle.object(),
            created: dated,
            expires: dated.saturating_add(lifetime),
            usage,
            version: place.version,
            payload: entry.payload,
            stale: false,
        };
        let refusal = self.refusal(entry, created, &new);
        let answer = match entry.by {
            By::Hand => context.insert(session).map_err(|error| given_back(error, &new)),
            By::Server => {
                let stored = context.insert_negotiated(Role::Server, session);
                stored.map_err(|error| given_back(error, &new))
            }
            By::ServerBegunBefore => {
                let began_in = self.noted[place.context];
                context.insert_negotiated_under(began_in, Role::Server, session.view())
            }
        };
        let kept = entry.by == By::Hand || self.oracle.mode.stores_internally();
        match (refusal, kept) {
            (Some(refusal), _) => self.refused(answer, refusal.into()),
            (None, false) => {
                assert_eq!(answer.expect("the oracle admits it"), Inserted::External);
                self.follow(vec![], Evicts::Nobody);
            }
            (None, true) => self.entered(answer, new),
        }
    }

    /// Why the policy does not admit it.
    fn refusal(&self, entry: Entry, created: Timestamp, new: &Held) -> Option<Refusal> {
        let (now, mode, place) = (self.now(), self.oracle.mode, entry.place);
        let not_before = self.oracle.not_before[place.context];
        let begun_before =
            entry.by == By::ServerBegunBefore && self.oracle.invalidated[place.context] > 0;
        let off = match entry.by {
            By::Hand => mode.is_off(),
            By::Server | By::ServerBegunBefore => !mode.stores(Role::Server),
        };
        if off {
            Some(Refusal::CachingOff)
        } else if created < not_before || begun_before {
            Some(Refusal::Policy)
        } else if new.created > now {
            Some(Refusal::FromTheFuture)
        } else if new.expires < now {
            Some(Refusal::AlreadyExpired)
        } else if new.created < not_before {
            Some(Refusal::Policy)
        } else {
            None
        }
    }

    fn refused(&mut self, answer: Result<Inserted, InsertRefusal>, why: InsertRefusal) {
        assert_eq!(answer, Err(why));
        self.follow(vec![], Evicts::Nobody);
    }

    /// It must have entered, unless it is too heavy by itself.
    fn entered(&mut self, answer: Result<Inserted, InsertRefusal>, new: Held) {
        let shards = self.shards as u64;
        let limit = self.oracle.bytes.map(|limit| limit / 16 / shards * 16);
        if limit.is_some_and(|limit| new.weight() > limit) {
            return self.refused(answer, InsertRefusal::TooHeavy);
        }
        let now = self.now();
        let answer = answer.expect("one thread is never in its own way");
        let place = super::Place { context: new.context, id: new.id, version: None };
        let current = self.oracle.current(place);
        let light = self.oracle.is_light(new.weight(), shards);
        let expected = current.filter(|_| {
            // It may have made room for its own weight by evicting the very entry.
            light || answer == Inserted::Replaced || current.is_some_and(|old| old.expires < now)
        });
        let replaced = expected.is_some_and(|old| old.expires >= now);
        assert_eq!(answer, if replaced { Inserted::Replaced } else { Inserted::New });
        let gone = expected.map(|old| {
            let reason = if replaced { RemovalReason::Replaced } else { RemovalReason::Expired };
            (old.number, reason)
        });
        let (before, room) = (self.oracle.held.len(), self.oracle.room());
        // A shard may keep the place of a taken session for its own next one.
        let room_for_sure = room >= self.shards.cast_signed();
        let evicts = if room_for_sure && light { Evicts::Nobody } else { Evicts::Anybody };
        self.follow(gone.into_iter().collect(), evicts);
        assert!(self.oracle.current(place).is_none(), "two of one id");
        self.oracle.held.push(new);
        self.oracle.inserted += 1;
        // A capacity that has shrunk is reached lazily; meanwhile nothing grows.
        let after = self.oracle.held.len();
        assert!(self.oracle.room() >= 0 || after <= before, "grew from {before} to {after}");
    }

    /// The same object once more, whatever became of it.
    pub(super) fn insert_again(&mut self, kept: &Kept<'_>) {
        let (now, mode) = (self.now(), self.oracle.mode);
        let held = self.oracle.held.iter().find(|held| held.object == kept.object).copied();
        let current = held.filter(|held| !held.stale);
        let place = super::Place { context: kept.context, id: 0, version: None };
        let refusal = if mode.is_off() {
            Some(Refusal::CachingOff)
        } else if let Some(current) = current {
            self.refusal_again(&current)
        } else {
            Some(Refusal::NotResumable)
        };
        let answer = self.context(place).insert_again(&kept.session);
        if let Some(refusal) = refusal {
            assert_eq!(answer, Err(InsertRefusal::Refused(refusal)));
            return self.follow(vec![], Evicts::Nobody);
        }
        let Some(current) = current else { unreachable!("refused above") };
        if !mode.updates_time() {
            assert_eq!(answer, Ok(Inserted::Unchanged));
            return self.follow(vec![], Evicts::Nobody);
        }
        assert_eq!(answer, Ok(Inserted::Unchanged));
        self.follow(vec![], Evicts::Nobody);
        self.renewed(current, now, kept.session.lifetime());
    }

    fn refusal_again(&self, current: &Held) -> Option<Refusal> {
        let now = self.now();
        let asked = Asked { version: None, usage: Usage::SingleUse };
        if current.refusal(asked, now).is_some() {
            Some(Refusal::FromTheFuture)
        } else if current.expires < now {
            Some(Refusal::AlreadyExpired)
        } else if current.created < self.oracle.not_before[current.context] {
            Some(Refusal::Policy)
        } else {
            None
        }
    }

    /// Changes the times of the session that is there, if one is.
    pub(super) fn set_times(
        &mut self,
        place: super::Place,
        created: Timestamp,
        lifetime: Lifetime,
    ) {
        let (now, current) = (self.now(), self.oracle.current(place));
        let times = NewTimes::created(created).with_lifetime(lifetime);
        let context = self.context(place);
        let suits = |held: &Held| {
            let asked = Asked { version: place.version, usage: Usage::SingleUse };
            held.refusal(asked, held.created).is_none()
        };
        assert_eq!(context.contains(&short_id(place.id)), current.as_ref().is_some_and(suits));
        let answer = context.set_times(&short_id(place.id), times).map(drop);
        if let Some(expired) = current.filter(|held| held.expires < now) {
            assert_eq!(answer, Err(SetTimesError::Absent));
            return self.follow(vec![(expired.number, RemovalReason::Expired)], Evicts::Nobody);
        }
        self.follow(vec![], Evicts::Nobody);
        let Some(current) = current.filter(suits) else {
            return assert_eq!(answer, Err(SetTimesError::Absent));
        };
        if created > now {
            return assert_eq!(answer, Err(SetTimesError::FromTheFuture));
        }
        assert_eq!(answer, Ok(()));
        self.renewed(current, created, lifetime);
    }

    /// The session stays, as another object of other times: nobody hears of it.
    fn renewed(&mut self, current: Held, created: Timestamp, lifetime: Lifetime) {
        let (object, expires) = (self.oracle.object(), created.saturating_add(lifetime));
        self.oracle.held.retain(|held| held.object != current.object);
        self.oracle.held.push(Held { object, created, expires, ..current });
    }
}

/// Why a session was refused, which must have come back.
fn given_back(error: InsertError, new: &Held) -> InsertRefusal {
    let why = error.why();
    assert_eq!(number(error.into_session().payload().as_secret()), new.number, "given back");
    why
}
