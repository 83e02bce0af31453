//! A fault, with clients coming and going throughout; and what is to be said of it.

use std::collections::BTreeMap;
use std::time::Duration;

use redis_harness::until;

use super::clients::{Clients, Tally};
use super::counters::{
    ANSWERS, ASKING, BREAKER_OPEN, BREAKER_OPENED, Counters, HANDSHAKE_FAILURES, HANDSHAKES,
    LOOKUP_FAILURES, LOOKUPS, PUT_FAILURES, PUTS, REJECTED,
};
use super::fault::Fault;
use super::hosts::{Hosts, Library, Settings};
use super::lab::{Lab, wait};
use super::replays::{Ended, Replays, Spent};
use super::stalls::Stalls;
use crate::failure::Failure;

/// How many clients there are.
const CLIENTS: u32 = 12;

/// How long a handshake waits for the store at most: what the hosts do unless told otherwise.
pub(crate) const DEADLINE: Duration = Duration::from_millis(30);

/// By how much a handshake may take longer than the deadline, the longest full handshake of better times, and
/// the longest stall of the machine, on which two cores may run everything. Less than any wait that a fault
/// could cause.
pub(crate) const MARGIN: Duration = Duration::from_millis(100);

/// Times in which all is well.
const CALM: Duration = Duration::from_secs(2);

/// The breakers' longest pause is five seconds.
const CLOSES_WITHIN: Duration = Duration::from_secs(15);

/// The share that resumes while all is well, in percent; what is left is for the machine.
const WELL: f64 = 95.0;

/// Sessions that are offered after their end, when the store's clock is wrong.
const ENDED: u32 = 10;

/// What was seen.
pub(crate) struct Trial {
    pub(crate) fault: Fault,
    pub(crate) library: Library,
    /// Nothing if nothing ever was well.
    pub(crate) before: Tally,
    pub(crate) during: Tally,
    pub(crate) after: Tally,
    pub(crate) spent: Spent,
    pub(crate) ended: Option<Ended>,
    /// How late the machine itself was while it lasted.
    pub(crate) stall: Duration,
    /// What the counters grew by while it lasted.
    pub(crate) grown: Counters,
    /// All that the counters counted.
    pub(crate) counted: Counters,
    /// Resumed handshakes, as all clients saw them.
    resumed: u64,
}

impl Trial {
    pub(crate) fn run(lab: &Lab, fault: Fault, library: Library) -> Result<Self, Failure> {
        let mut store = fault.store()?;
        let settings = Settings { timeout: fault.timeout(), ..Settings::new(library, DEADLINE) };
        let hosts = Hosts::start(lab, settings, Some(&store))?;
        let clients = Clients::start(lab, &hosts, CLIENTS)?;
        let replays = Replays::start(lab, &hosts, None)?;

        let mut before = Vec::new();
        if !fault.is_there_from_the_start() {
            wait(CALM);
            before = clients.take();
        }
        let ended = fault == Fault::ClockBack;
        let after_end = Fault::SHORT_LIFE + Duration::from_secs(1);
        let ended = ended.then(|| Ended::start(lab, &hosts, after_end, ENDED)).transpose()?;
        let earlier = hosts.counters(lab)?;
        let stalls = Stalls::watch();
        fault.strike(&mut store)?;
        let mut during = clients.take();
        let grown = hosts.counters(lab)?.since(&earlier);
        let ended = ended.map(Ended::finish).transpose()?;
        fault.heal(&mut store)?;
        until("breakers that close", CLOSES_WITHIN, || {
            let counters = hosts.counters(lab).ok()?;
            (counters.sum(BREAKER_OPEN, "") == 0).then_some(())
        })?;
        // In these the store may have been away still.
        during.extend(clients.take());
        let stall = stalls.take();
        wait(CALM);
        let spent = replays.finish()?;
        let after = clients.finish()?;
        let counted = hosts.counters(lab)?;
        let (before, during, after) = (Tally::of(&before), Tally::of(&during), Tally::of(&after));
        let clients = [&before, &during, &after].iter().map(|tally| tally.resumed()).sum::<u64>();
        let ended_resumed = ended.map_or(0, |ended| ended.fresh + ended.stale);
        let resumed = clients + u64::from(spent.resumed + ended_resumed);
        Ok(Self {
            fault,
            library,
            before,
            during,
            after,
            spent,
            ended,
            stall,
            grown,
            counted,
            resumed,
        })
    }

    /// The longest full handshake while all was well.
    pub(crate) fn full_handshake(&self) -> Duration {
        let well = if self.fault.is_there_from_the_start() { &self.after } else { &self.before };
        well.full_quantile(1.0).max(well.resumed_quantile(1.0))
    }

    /// What the longest handshake may take.
    pub(crate) fn allowed(&self) -> Duration {
        DEADLINE + self.full_handshake() + self.stall + MARGIN
    }

    /// How many connections came to nothing, the replays' included.
    pub(crate) fn failed(&self) -> usize {
        let of_clients = [&self.before, &self.during, &self.after].map(|tally| tally.failed.len());
        let of_replays = self.spent.failed + self.ended.map_or(0, |ended| ended.failed);
        of_clients.iter().sum::<usize>() + usize::try_from(of_replays).unwrap_or(usize::MAX)
    }

    /// How often breakers have opened, of lookups and of writes.
    pub(crate) fn opened(&self, of: &str) -> u64 {
        self.counted.sum(BREAKER_OPENED, of)
    }

    /// The failures and misses that were counted while it lasted, by cause.
    pub(crate) fn told(&self) -> String {
        let mut causes = BTreeMap::<String, u64>::new();
        let mut add = |name: &str, label: &str, prefix: &str| {
            for (labels, count) in self.grown.with_label(name, label) {
                if count > 0 {
                    let cause = labels.split('"').nth(1).unwrap_or(labels);
                    causes.insert(format!("{prefix}{cause}"), count);
                }
            }
        };
        add(LOOKUP_FAILURES, "", "lookup ");
        add(PUT_FAILURES, "", "put ");
        add(REJECTED, "", "rejected ");
        add(LOOKUPS, "breaker_open", "");
        add(ANSWERS, "absent", "");
        let parts = causes.iter().map(|(cause, count)| format!("{cause} {count}"));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// Everything that is not as it should be.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut expect = |holds: bool, otherwise: String| {
            if !holds {
                faults.push(otherwise);
            }
        };
        let tallies = [&self.before, &self.during, &self.after];
        for why in tallies.iter().flat_map(|tally| &tally.failed) {
            expect(false, format!("a handshake failed: {why}"));
        }
        let failed = self.spent.failed + self.ended.map_or(0, |ended| ended.failed);
        expect(failed == 0, format!("{failed} handshakes of the replays failed"));
        let refused = self.counted.sum(HANDSHAKE_FAILURES, "");
        expect(refused == 0, format!("the hosts count {refused} failed handshakes"));

        let worst = self.during.quantile(1.0);
        let allowed = self.allowed();
        expect(
            worst <= allowed,
            format!("a handshake took {worst:.1?}, allowed are {allowed:.1?}"),
        );
        let twice = self.spent.twice;
        expect(
            twice == 0 || self.fault.may_forget_what_was_taken(),
            format!("{twice} single-use sessions resumed twice"),
        );
        if let Some(ended) = self.ended {
            expect(ended.stale == 0, format!("{} sessions resumed after their end", ended.stale));
            expect(ended.fresh > 0, "no session resumed before its end".to_owned());
        }

        for (tally, when) in [(&self.before, "before"), (&self.after, "after")] {
            let share = tally.share();
            let quiet = tally.visits == 0 && self.fault.is_there_from_the_start();
            // Sessions of two seconds end while their clients are away.
            let well = if self.fault.timeout() == Fault::SHORT_LIFE { WELL - 10.0 } else { WELL };
            expect(
                quiet || share.percent() >= well,
                format!("{when}, {:.1} % of {} resumed", share.percent(), share.returned),
            );
        }
        for of in self.fault.opens() {
            expect(self.opened(of) > 0, format!("the breaker of {of} did not open"));
        }
        expect(self.fault.was_told(&self.grown), "the counters did not tell".to_owned());
        self.sums(&mut expect);
        faults
    }

    /// What must add up.
    fn sums(&self, expect: &mut impl FnMut(bool, String)) {
        let sum = |name, label| self.counted.sum(name, label);
        let pairs = [
            (
                "questions and answers",
                sum(LOOKUPS, "\"asked\""),
                sum(ANSWERS, "") + sum(ASKING, ""),
            ),
            (
                "failed answers and their causes",
                sum(ANSWERS, "\"failed\""),
                sum(LOOKUP_FAILURES, ""),
            ),
            ("rejected answers and their causes", sum(ANSWERS, "\"rejected\""), sum(REJECTED, "")),
            ("failed writes and their causes", sum(PUTS, "\"failed\""), sum(PUT_FAILURES, "")),
            (
                "resumptions as the clients and as the hosts see them",
                self.resumed,
                sum(HANDSHAKES, "\"resumed\""),
            ),
        ];
        for (what, one, other) in pairs {
            expect(one == other, format!("{what} do not agree: {one} and {other}"));
        }
    }
}
