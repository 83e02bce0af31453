//! The cases that run on every stack, each written once.

mod callbacks;
mod modes;
mod returning;
mod safety;
mod times;

pub(crate) use callbacks::*;
pub(crate) use modes::*;
pub(crate) use returning::*;
pub(crate) use safety::*;
pub(crate) use times::*;

/// A test on this stack for each of these cases.
macro_rules! on {
    ($stack:expr; $($case:ident)*) => {
        $(
            #[test]
            fn $case() {
                crate::wire::cases::$case(&$stack);
            }
        )*
    };
}
pub(crate) use on;

use super::{BOTH, Event, Hello, Server, Site, Stack, Ticket, Version, World, shake};

/// A full handshake, and what the client can offer after it.
fn full(server: &dyn Server, version: Version) -> Ticket {
    let shaken = shake(server, &Hello::new(version));
    assert!(!shaken.has_resumed());
    shaken.ticket()
}

/// Whether a server resumes what it is offered.
fn resumes(server: &dyn Server, version: Version, ticket: &Ticket) -> bool {
    shake(server, &Hello::new(version).offering(ticket)).has_resumed()
}
