//! A circuit breaker: when most of what was asked lately failed, nothing is asked for a while, and then
//! one question tries whether it is better.

use std::time::Duration;

use tokio::time::Instant;

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// How many failures among the last [`Breaker::WINDOW`] outcomes open it.
    pub(crate) failures: u32,
    /// For how long at first; each probe that fails doubles it.
    pub(crate) pause: Duration,
    /// For how long at most.
    pub(crate) longest_pause: Duration,
}

/// What a breaker lets through at present.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BreakerState {
    /// Everything.
    #[default]
    Closed,
    /// One question that tries whether it is better.
    HalfOpen,
    /// Nothing.
    Open,
}

/// Leave to ask. Its outcome must be recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Permit {
    Ordinary,
    Probe,
}

pub(crate) struct Breaker {
    rules: Rules,
    state: State,
    opened: u64,
}

#[derive(Clone, Copy)]
enum State {
    /// The last outcomes, one bit each: 1 is a failure.
    Closed(u32),
    Open {
        until: Instant,
        pause: Duration,
    },
    Probing {
        pause: Duration,
    },
}

impl Breaker {
    /// How many outcomes it remembers.
    pub(crate) const WINDOW: u32 = u32::BITS;

    pub(crate) const fn new(rules: Rules) -> Self {
        Self { rules, state: State::Closed(0), opened: 0 }
    }

    /// Leave to ask now, or the instant at which to try again.
    pub(crate) fn permit(&mut self, now: Instant) -> Result<Permit, Instant> {
        match self.state {
            State::Closed(_) => Ok(Permit::Ordinary),
            State::Open { until, pause } if now >= until => {
                self.state = State::Probing { pause };
                Ok(Permit::Probe)
            }
            State::Open { until, .. } => Err(until),
            State::Probing { .. } => Err(now + self.rules.pause),
        }
    }

    /// What became of what was permitted.
    pub(crate) fn record(&mut self, permit: Permit, fine: bool, now: Instant) {
        match (self.state, permit) {
            (State::Closed(outcomes), _) => {
                let outcomes = (outcomes << 1) | u32::from(!fine);
                self.state = State::Closed(outcomes);
                if outcomes.count_ones() >= self.rules.failures {
                    self.open(now, self.rules.pause);
                }
            }
            (State::Probing { .. }, Permit::Probe) if fine => self.state = State::Closed(0),
            (State::Probing { pause }, Permit::Probe) => {
                self.open(now, (pause * 2).min(self.rules.longest_pause));
            }
            // Asked before it opened, answered after: says nothing new.
            (State::Open { .. } | State::Probing { .. }, _) => {}
        }
    }

    /// What was permitted was not asked after all.
    pub(crate) fn give_back(&mut self, permit: Permit, now: Instant) {
        if let (State::Probing { pause }, Permit::Probe) = (self.state, permit) {
            self.state = State::Open { until: now, pause };
        }
    }

    pub(crate) const fn state(&self) -> BreakerState {
        match self.state {
            State::Closed(_) => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::Probing { .. } => BreakerState::HalfOpen,
        }
    }

    /// How often it has opened, failed probes included.
    pub(crate) const fn opened(&self) -> u64 {
        self.opened
    }

    fn open(&mut self, now: Instant, pause: Duration) {
        self.opened += 1;
        self.state = State::Open { until: now + pause, pause };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(500);

    fn breaker() -> Breaker {
        Breaker::new(Rules { failures: 3, pause: PAUSE, longest_pause: 3 * PAUSE })
    }

    fn fail(breaker: &mut Breaker, times: usize, now: Instant) {
        for _ in 0..times {
            breaker.record(Permit::Ordinary, false, now);
        }
    }

    #[test]
    fn it_opens_when_enough_of_the_last_failed() {
        let now = Instant::now();
        let mut breaker = breaker();
        for _ in 0..2 {
            fail(&mut breaker, 1, now);
            for _ in 0..Breaker::WINDOW {
                breaker.record(Permit::Ordinary, true, now);
            }
        }
        fail(&mut breaker, 2, now);
        assert_eq!(breaker.state(), BreakerState::Closed, "the first two are forgotten");
        fail(&mut breaker, 1, now);
        assert_eq!((breaker.state(), breaker.opened()), (BreakerState::Open, 1));
        assert_eq!(breaker.permit(now), Err(now + PAUSE));
    }

    #[test]
    fn one_probe_decides_and_each_failure_doubles_the_pause() {
        let mut now = Instant::now();
        let mut breaker = breaker();
        fail(&mut breaker, 3, now);
        for pause in [PAUSE, 2 * PAUSE, 3 * PAUSE, 3 * PAUSE] {
            now += pause;
            assert_eq!(breaker.permit(now - Duration::from_millis(1)), Err(now));
            assert_eq!(breaker.permit(now), Ok(Permit::Probe));
            assert!(breaker.permit(now).is_err(), "one at a time");
            // An answer from before is none of the probe's.
            breaker.record(Permit::Ordinary, true, now);
            assert_eq!(breaker.state(), BreakerState::HalfOpen);
            breaker.record(Permit::Probe, false, now);
        }
        now += 3 * PAUSE;
        assert_eq!(breaker.permit(now), Ok(Permit::Probe));
        breaker.give_back(Permit::Probe, now);
        assert_eq!(breaker.state(), BreakerState::Open, "nothing was learnt");
        assert_eq!(breaker.permit(now), Ok(Permit::Probe));
        breaker.record(Permit::Probe, true, now);
        assert_eq!(breaker.permit(now), Ok(Permit::Ordinary));
        fail(&mut breaker, 2, now);
        assert_eq!((breaker.state(), breaker.opened()), (BreakerState::Closed, 5));
    }
}
