//! Decisions of a TLS session cache as pure functions: modes, timeouts, capacity, admission,
//! sweeping.
//!
//! Nothing here stores, waits, reads a clock or calls back: `now` is an argument, and every answer
//! is a value. What may be resumed is decided in one place and can be tested without a cache.
//!
//! | question | answered by |
//! | --- | --- |
//! | what does the configuration switch on? | [`CacheMode`] |
//! | how long does a session live here? | [`Timeouts`], [`expires_at`] |
//! | may this session enter? | [`admit`] |
//! | may this session resume? | [`may_resume`] |
//! | how much may be kept? | [`Capacity`], [`Limits`] |
//! | is it time to look for expired entries? | [`SweepSchedule`] |
//! | which servers may share sessions? | [`ContextFingerprint`] |
//! | what does a connection that breaks off do to its session? | [`UncleanClose`] |
#![forbid(unsafe_code)]

mod admission;
mod capacity;
mod fingerprint;
mod mode;
mod refusal;
mod sweep;
mod timeouts;
mod unclean_close;

pub use admission::{Admission, Asked, Limits, Rules, admit, may_resume};
pub use capacity::{Capacity, NegativeCapacity};
pub use fingerprint::{ClientCertificates, ContextFingerprint, Transport};
pub use mode::{CacheMode, Role, UnknownModeBits};
pub use refusal::Refusal;
pub use sweep::{Due, SweepSchedule};
pub use timeouts::{Timeouts, expires_at, is_expired};
pub use unclean_close::UncleanClose;
