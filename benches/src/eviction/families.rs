//! The traces on which policies are compared: a tuned set and an unseen one.
//!
//! On the **tuned** set the candidates of lineage credit were chosen. The **unseen** set was written and
//! committed before the first candidate was; it varies other dimensions, is drawn from other seeds, and
//! was looked at once the candidates stood. Three groups came later, to make it harder for candidates that
//! did suspiciously well: passers-by who make more than one visit and attackers who return to forgetful
//! clients (without them, everybody who resumes is a client that comes back), before any candidate's
//! unseen figures had been looked at; and the TLS 1.2 ones among them, after that.

use super::population::{Attack, Burst, Offers, Population, Rhythm, Usage};

/// A population, and which set it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) unseen: bool,
    pub(crate) population: Population,
}

/// Capacities, as shares of the clients.
pub(crate) const CAPACITY_SHARES: [f64; 4] = [0.05, 0.1, 0.25, 1.0];

const ORDINARY: Population = Population::ORDINARY;

/// TLS 1.2: an id is good for any number of resumptions.
const REUSABLE: Population = Population { usage: Usage::Reusable, ..ORDINARY };

/// Services that talk to each other: everybody comes regularly, nobody is new.
const SERVICES: Population = Population {
    rhythm: Rhythm::Polling { jitter: 0.1 },
    burst: Burst::NONE,
    one_off: 0.0,
    forgets: 0.01,
    ..ORDINARY
};

const fn tuned(name: &'static str, population: Population) -> Family {
    Family { name, unseen: false, population }
}

const fn unseen(name: &'static str, population: Population) -> Family {
    Family { name, unseen: true, population }
}

/// Every trace, the tuned set first.
pub(crate) const ALL: [Family; 35] = [
    tuned("browsers", ORDINARY),
    tuned("no bursts, Zipf 1.0", Population { burst: Burst::NONE, skew: 1.0, ..ORDINARY }),
    tuned("uniform, no bursts", Population { burst: Burst::NONE, skew: 0.0, ..ORDINARY }),
    tuned("300 s lifetime", Population { lifetime: 300, ..ORDINARY }),
    tuned("70 % one-off", Population { one_off: 0.7, ..ORDINARY }),
    tuned("parallel 3", Population { parallel: 3, slots: 4, ..ORDINARY }),
    tuned("one ticket", Population { usage: Usage::SingleUse { tickets: 1 }, ..ORDINARY }),
    tuned("services polling", SERVICES),
    tuned("TLS 1.2", REUSABLE),
    tuned("TLS 1.2, no bursts, Zipf 1.0", Population { burst: Burst::NONE, skew: 1.0, ..REUSABLE }),
    tuned("flood of first visits", Population { attack: Attack::FirstVisits(0.8), ..ORDINARY }),
    tuned("attacker returns", Population { attack: Attack::Returns(0.5), ..ORDINARY }),
    tuned("passers-by browse", Population { one_off_burst: Burst::Mean(3.0), ..ORDINARY }),
    tuned(
        "passers-by come twice",
        Population { one_off_burst: Burst::Exactly(2), burst: Burst::NONE, ..ORDINARY },
    ),
    tuned(
        "attacker returns, forgetful clients",
        Population { attack: Attack::Returns(0.9), forgets: 0.5, burst: Burst::NONE, ..ORDINARY },
    ),
    tuned(
        "TLS 1.2, passers-by come twice",
        Population {
            one_off: 0.5,
            one_off_burst: Burst::Exactly(2),
            burst: Burst::NONE,
            skew: 0.5,
            ..REUSABLE
        },
    ),
    tuned(
        "TLS 1.2, attacker returns",
        Population { attack: Attack::Returns(0.7), forgets: 0.3, burst: Burst::NONE, ..REUSABLE },
    ),
    unseen(
        "tide, Zipf 0.6",
        Population {
            rhythm: Rhythm::Tide { period: 7_200.0 },
            skew: 0.6,
            burst: Burst::Mean(2.0),
            ..ORDINARY
        },
    ),
    unseen("rustls clients, parallel 4", Population { slots: 8, parallel: 4, ..ORDINARY }),
    unseen("oldest ticket first", Population { offers: Offers::OldestFirst, ..ORDINARY }),
    unseen("oldest first of 8", Population { offers: Offers::OldestFirst, slots: 8, ..ORDINARY }),
    unseen(
        "any ticket of 4, parallel 2",
        Population { offers: Offers::AnyAtRandom, slots: 4, parallel: 2, ..ORDINARY },
    ),
    unseen(
        "Zipf 1.2, slow bursts, 50 % one-off",
        Population { skew: 1.2, think: 60.0, one_off: 0.5, ..ORDINARY },
    ),
    unseen("long fast bursts", Population { burst: Burst::Mean(8.0), think: 2.0, ..ORDINARY }),
    unseen("forgetful clients", Population { forgets: 0.5, ..ORDINARY }),
    unseen(
        "four tickets, parallel 2",
        Population { usage: Usage::SingleUse { tickets: 4 }, slots: 4, parallel: 2, ..ORDINARY },
    ),
    unseen(
        "services polling, flood",
        Population {
            rhythm: Rhythm::Polling { jitter: 0.3 },
            parallel: 2,
            slots: 8,
            attack: Attack::FirstVisits(0.3),
            ..SERVICES
        },
    ),
    unseen(
        "TLS 1.2, tide, 300 s",
        Population { rhythm: Rhythm::Tide { period: 3_600.0 }, lifetime: 300, ..REUSABLE },
    ),
    unseen(
        "TLS 1.2, parallel 4, 60 % one-off",
        Population { parallel: 4, one_off: 0.6, ..REUSABLE },
    ),
    unseen(
        "TLS 1.2, flood of first visits",
        Population { burst: Burst::NONE, attack: Attack::FirstVisits(0.5), ..REUSABLE },
    ),
    unseen(
        "TLS 1.2, passers-by browse slowly",
        Population {
            one_off: 0.6,
            one_off_burst: Burst::Mean(4.0),
            burst: Burst::NONE,
            think: 60.0,
            ..REUSABLE
        },
    ),
    unseen(
        "attacker returns, slow bursts",
        Population {
            attack: Attack::Returns(0.8),
            think: 60.0,
            burst: Burst::Mean(2.0),
            ..ORDINARY
        },
    ),
    unseen(
        "50 % passers-by browse slowly, tide",
        Population {
            rhythm: Rhythm::Tide { period: 10_800.0 },
            one_off: 0.5,
            one_off_burst: Burst::Mean(5.0),
            think: 60.0,
            ..ORDINARY
        },
    ),
    unseen(
        "passers-by come twice, parallel 2",
        Population {
            one_off: 0.6,
            one_off_burst: Burst::Exactly(2),
            think: 30.0,
            parallel: 2,
            slots: 4,
            ..ORDINARY
        },
    ),
    unseen(
        "attacker returns, passers-by come twice",
        Population {
            attack: Attack::Returns(0.7),
            one_off: 0.6,
            one_off_burst: Burst::Exactly(2),
            think: 120.0,
            skew: 0.5,
            burst: Burst::NONE,
            ..ORDINARY
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_the_sets_of_one_size_class() {
        for (number, family) in ALL.iter().enumerate() {
            assert!(ALL[..number].iter().all(|other| other.name != family.name), "{}", family.name);
        }
        let unseen = ALL.iter().filter(|family| family.unseen).count();
        assert!(unseen >= ALL.len() / 2);
        assert!(ALL.is_sorted_by_key(|family| family.unseen));
    }
}
