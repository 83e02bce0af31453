//! What rows are written with.

use crate::{Case, Engine, Level, Profile};

pub(super) use Level::{
    Callbacks as X, Handshake as H, Serialisation as S, Threads as K, Unit as U,
};
pub(super) use Profile::{Every, Fix, OpenSsl4 as O4, OpenSsl111 as O11};

pub(super) const NONE: &[Engine] = &[];
pub(super) const CACHE: &[Engine] = &[Engine::Cache];
pub(super) const CLIENT: &[Engine] = &[Engine::Client];
pub(super) const LIBSSL: &[Engine] = &[Engine::Libssl];
pub(super) const STACKS: &[Engine] = &[Engine::Libssl, Engine::Rustls];
pub(super) const ALL_THREE: &[Engine] = &[Engine::Cache, Engine::Libssl, Engine::Rustls];

pub(super) const fn case(
    number: u16,
    level: Level,
    profile: Profile,
    engines: &'static [Engine],
    source: &'static str,
    text: &'static str,
) -> Case {
    Case::new(number, level, profile, engines, source, text)
}
pub(super) const CACHE_AND_LIBSSL: &[Engine] = &[Engine::Cache, Engine::Libssl];
pub(super) const CACHE_AND_CLIENT: &[Engine] = &[Engine::Cache, Engine::Client];
pub(super) const CLIENT_AND_LIBSSL: &[Engine] = &[Engine::Client, Engine::Libssl];
pub(super) const CLIENT_AND_STACKS: &[Engine] = &[Engine::Client, Engine::Libssl, Engine::Rustls];
