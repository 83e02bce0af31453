//! What the adapter sees and the cache does not.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of what never reached the cache, and of what libssl asked to be removed. The cache's own
/// statistics have the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdapterStats {
    /// Ids that were not looked up because the handshake had used up its lookups.
    pub over_budget: u64,
    /// Ids that were not looked up because no session can have one of that length.
    pub wrong_length: u64,
    /// Sessions that the cache had, and that did not resume because they were made for another server
    /// name.
    pub other_name: u64,
    /// Sessions that the cache had, and that were none of OpenSSL's, or of another id or context than
    /// the cache said: what a get callback answered is broken.
    pub unreadable: u64,
    /// Stateless tickets that were issued; they are the clients' to keep.
    pub stateless: u64,
    /// Sessions that were not stored because the connection had been switched to a context that is
    /// attached with another isolation context.
    pub switched: u64,
    /// Sessions removed because a fatal alert was sent or came.
    pub removed_by_alert: u64,
    /// Sessions removed because their connection was closed without a `close_notify`.
    pub removed_by_unclean_close: u64,
    /// Sessions that an unclean close left where they were, as the policy has it.
    pub kept_after_unclean_close: u64,
    /// Hooks that panicked.
    pub hook_panics: u64,
    /// The handshakes of this context.
    pub handshakes: Handshakes,
}

/// OpenSSL's counters of a server's handshakes: `SSL_CTX_sess_accept(3)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handshakes {
    /// `SSL_CTX_sess_accept`: handshakes begun.
    pub accept: u64,
    /// `SSL_CTX_sess_accept_good`: handshakes finished, resumed ones included.
    pub accept_good: u64,
    /// `SSL_CTX_sess_accept_renegotiate`: renegotiations begun.
    pub accept_renegotiate: u64,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Accept,
    AcceptGood,
    AcceptRenegotiate,
    HookPanic,
    KeptAfterUncleanClose,
    OtherName,
    OverBudget,
    RemovedByAlert,
    RemovedByUncleanClose,
    Stateless,
    Switched,
    Unreadable,
    WrongLength,
}

const COUNTS: usize = Count::WrongLength as usize + 1;

/// The counters. All accesses are relaxed: nothing else is read on the strength of a count.
#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU64; COUNTS]);

impl Counters {
    pub(crate) fn one(&self, count: Count) {
        self.0[count as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// It is counted elsewhere after all.
    pub(crate) fn one_less(&self, count: Count) {
        self.0[count as usize].fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> AdapterStats {
        let of = |count: Count| self.0[count as usize].load(Ordering::Relaxed);
        AdapterStats {
            over_budget: of(Count::OverBudget),
            wrong_length: of(Count::WrongLength),
            other_name: of(Count::OtherName),
            unreadable: of(Count::Unreadable),
            stateless: of(Count::Stateless),
            switched: of(Count::Switched),
            removed_by_alert: of(Count::RemovedByAlert),
            removed_by_unclean_close: of(Count::RemovedByUncleanClose),
            kept_after_unclean_close: of(Count::KeptAfterUncleanClose),
            hook_panics: of(Count::HookPanic),
            handshakes: Handshakes {
                accept: of(Count::Accept),
                accept_good: of(Count::AcceptGood),
                accept_renegotiate: of(Count::AcceptRenegotiate),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn threads_that_count_at_once_lose_nothing() {
        let counters = Counters::default();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..100_000).for_each(|_| counters.one(Count::Accept)));
            }
        });
        assert_eq!(counters.read().handshakes.accept, 200_000);
    }
}
