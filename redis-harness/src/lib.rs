//! Starts Redis and Valkey servers for tests, and breaks them.
//!
//! Each server is a process of its own on loopback, with a port that was free and a temporary folder; it is
//! gone when its value is dropped, and also when the process that started it is killed. Nothing is
//! shared with a server that the machine may run anyway.
//!
//! | what | how |
//! | --- | --- |
//! | [`Server`] | one, as [`Options`] say: with a password, with little memory, with TLS |
//! | [`Sentinels`] | a primary, a replica and three sentinels |
//! | [`Cluster`] | three primaries and three replicas |
//! | [`Server::kill`], [`Server::pause`], [`Server::resume`], [`Server::restart`] | SIGKILL, SIGSTOP, SIGCONT, the same port again |
//!
//! The program is Debian's `redis-server`, or the one that `RESUMPTION_REDIS_SERVER` names: a
//! `valkey-server`, or a Redis of another version. One that is missing is an error that says so.
#![forbid(unsafe_code)]

#[cfg(feature = "tls")]
mod certificates;
mod client;
mod cluster;
mod fault;
mod folder;
mod ports;
mod process;
mod sentinels;
mod server;
mod wait;

#[cfg(feature = "tls")]
pub use certificates::Certificates;
pub use client::{Client, Reply};
pub use cluster::Cluster;
pub use fault::Fault;
pub use folder::Folder;
pub use ports::free_port;
pub use sentinels::Sentinels;
pub use server::{Options, Server};
pub use wait::until;
