//! TLS sessions shared through Redis or Valkey: one server, Sentinel or Cluster.
//!
//! [`RedisStore`] is an [`ExternalStore`](resumption_callbacks::ExternalStore): servers behind one address
//! put their sealed sessions there, and any of them resumes what another began.
//!
//! ```no_run
//! use resumption_redis::{RedisConfig, RedisStore, Topology};
//!
//! # fn main() -> Result<(), resumption_redis::ConfigError> {
//! let servers = ["rediss://10.0.0.1", "rediss://10.0.0.2", "rediss://10.0.0.3"];
//! let config = RedisConfig::new(Topology::Cluster, servers)?;
//! let store = RedisStore::new(config)?; // asks nobody yet: a store that is down keeps no server from starting
//! # Ok(())
//! # }
//! ```
//!
//! | operation | command | needs |
//! | --- | --- | --- |
//! | `put` | `SET key value PX milliseconds`, with `NX` where nothing may be overwritten | |
//! | `get` | `GET key` | |
//! | `take` | `GETDEL key` | Redis 6.2, or Valkey |
//! | `remove` | `DEL key` | |
//! | `put_all`, `remove_all` | the same in pipelines, one for each server of a cluster | |
//!
//! A session is kept for its time to live, in milliseconds, and no longer than
//! [`RedisConfig::longest_time_to_live`]; one that has less than a millisecond is not stored, and `put` says
//! so.
//!
//! A key is a prefix and 64 hexadecimal digits ([`RedisConfig::key_prefix`]). A user of the store's access
//! control needs `~resumption:* +get +set +getdel +del +ping`, and `+role` behind Sentinel, `+asking
//! +cluster|slots` in a cluster.
//!
//! # What it promises, and what it does not
//! * **No operation takes longer than its `within`**, whatever the store does: connections, redirections and
//!   the one retry are inside it. A store that is known to be down is not waited for: the attempts to
//!   reach it are made in the background, 50 ms to 1 s apart, and operations fail at once meanwhile.
//! * **Single use is exactly once on one primary.** Redis replicates in the background: what was
//!   taken just before a primary failed may be there again on the replica that takes over. Early data is
//!   therefore not for sessions that came from a store.
//! * A `take` whose answer is lost is not repeated, and neither is a `put`, which could bring back what
//!   another server has taken in between. A `get` and a `remove` are repeated once, on a new connection; a
//!   repeated `remove` says whether the repetition found anything.
//! * **A reply is never larger in memory than its bound** ([`RedisConfig::largest_value`]), whatever
//!   length it announces.
//! * A connection that has been silent for a second while it was asked is given up, and so is one that
//!   answers what it was not asked.
//! * Passwords are in no error and no `Debug`. Whoever runs the store sees how many sessions there are and
//!   how long they live, and nothing else, if the values are sealed.
//! * It runs on tokio, and only inside it: elsewhere each operation is
//!   [`Unavailable`](resumption_callbacks::StoreError::Unavailable).
#![forbid(unsafe_code)]

mod address;
mod bounded;
mod cluster;
mod command;
mod config;
mod connect;
mod credentials;
mod failure;
mod link;
mod replies;
mod sentinel;
mod slots;
mod store;
mod supply;
mod tls;

pub use config::{ConfigError, RedisConfig, Topology};
pub use credentials::Credentials;
pub use store::RedisStore;
