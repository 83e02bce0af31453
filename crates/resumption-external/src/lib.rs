//! Sessions shared between servers through a store that cannot hurt a handshake.
//!
//! ```text
//! a handshake (synchronous)                          a store (asynchronous)
//! new, remove callbacks ──► queue ──► writer ──► sealing ──► ExternalStore
//! get callback ◄── stash ◄── prefetch ◄── sealing ◄──────────┘
//! ```
//!
//! [`SharedSessions`] stands between a cache's callbacks and an
//! [`ExternalStore`](resumption_callbacks::ExternalStore). Nothing in a callback waits: what is new or
//! removed is queued for a task that writes; a lookup is answered with what a
//! [prefetch](SharedSessions::prefetch) made ready before the handshake began, or with "absent". So a
//! store that is slow, away, full or lying costs full handshakes, and at most the
//! [deadline](Options::deadline) before each.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use resumption_callbacks::ExternalStore;
//! # async fn example(store: Arc<dyn ExternalStore>) -> Result<(), Box<dyn std::error::Error>> {
//! use resumption_external::{Options, SharedSessions, Wanted};
//! use resumption_sealing::{Codec, KeyRing, Namespace, Sealer};
//! use resumption_session::{SessionId, SessionIdContext};
//!
//! let ring = KeyRing::from_file("/etc/resumption/keys")?;
//! let sealer = Sealer::new(ring, Namespace::new("shop")?, Codec::RUSTLS_0_23);
//! let runtime = tokio::runtime::Handle::current();
//! let shared = SharedSessions::new(store, sealer, runtime, Options::new());
//!
//! // Given to the cache once:
//! let callbacks = shared.callbacks();
//! // Before each handshake, with what the client's first message offers:
//! let (context, id) = (SessionIdContext::new(b"shop")?, SessionId::new(&[7; 32])?);
//! shared.prefetch(&context, &[Wanted::Take(id)]).await;
//! # let _ = callbacks;
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//! * **A handshake waits for the deadline at most**, all its lookups together, and for nothing else.
//! * **It asks the store once**, unless told otherwise ([`Options::lookups_per_handshake`]), however many
//!   sessions the client offers; identical questions are asked once for all who want the answer; what the
//!   store did not have a moment ago is not asked for again.
//! * **A store that fails is left alone.** Two circuit breakers, for lookups and for writes, open when
//!   most of what was asked lately failed; a single probe finds out when to go on.
//!   [`SharedSessions::set_use`] is the switch for an operator.
//! * **Memory is bounded**: the queue, the stash and what is remembered.
//! * **Single use is once**, as far as the store's own take is ([below](#what-it-does-not-promise)). The
//!   store decides; what it handed to this process lies in the stash for one handshake, and is wiped if
//!   that does not come. A session that another thread is about to write is taken from the queue, and
//!   never reaches the store.
//! * **What was removed does not come back through this process**: not from the stash, not from a question
//!   that was open meanwhile, and not from the store, which is not asked until the removal is written.
//!   A removal that fails is tried again until the session has ended by itself, and no number of new
//!   sessions displaces it.
//! * **Only what was sealed opens**, for the namespace, codec, context and id that it was sealed for, until
//!   the end inside the seal. All else is a miss, and counted by its cause.
//! * **Counters add up**: see [`Stats`].
//!
//! # What it does not promise
//! * Other servers hear of a removal when it was written: milliseconds later, or when the store is back.
//!   [`Removals::queued`] says how many are not written yet, [`Removals::dropped`] how many never will be.
//! * A removal that is asked for elsewhere than where the session was made can overtake the session itself
//!   on its way to the store; and a write whose answer was lost can still happen after a removal.
//! * Stores replicate in the background: after a failover, a session that was taken or removed just before
//!   can be there again, and one that was just put can be gone. So single use is at most once *per
//!   surviving copy of the store*, and that is why early data is refused, see below.
//! * A cache invalidated on one server says nothing to others: give each its new context.
//!
//! # Early data
//! A request in 0-RTT may be replayed unless its session is single-use beyond doubt (RFC 8446, section 8),
//! which a session from the store is not. Its mark is where it was found: the cache answers a take of it
//! with `Lookup::CallbackHit`, never with `Lookup::Hit`, and a prefetch says [`Prefetched::Ready`] before
//! the handshake, in time to configure it without early data. An adapter accepts early data with a `Hit`
//! only, unless its operator says otherwise.
#![forbid(unsafe_code)]

mod breaker;
mod kept;
mod metrics;
mod name;
mod options;
mod parts;
mod prefetch;
mod queue;
mod shared;
mod state;
mod stats;
mod sweeper;
mod timed;
mod writer;

pub use breaker::BreakerState;
pub use metrics::{Metric, MetricKind};
pub use options::{Options, StoreUse, Unasked};
pub use prefetch::{Prefetched, Wanted};
pub use shared::SharedSessions;
pub use stats::{Answers, Breaking, Failures, Lookups, Puts, Rejected, Removals, Stash, Stats};
