//! TEMPORARY stand-in.
use crate::cli::ServeArgs;
use rustls::ServerConfig;
use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};
use std::fmt;
use std::sync::Arc;

pub(crate) struct Cache(Arc<ServerSessionMemoryCache>);
impl Cache {
    pub(crate) fn new(args: &ServeArgs) -> Result<Self, CacheError> {
        Ok(Self(ServerSessionMemoryCache::new(
            args.capacity.entries().map_or(1 << 20, |n| n.get()),
        )))
    }
    pub(crate) fn storage(&self) -> Arc<dyn StoresServerSessions> {
        self.0.clone()
    }
    pub(crate) fn config_for_connection(&self, c: &Arc<ServerConfig>) -> Arc<ServerConfig> {
        c.clone()
    }
    pub(crate) fn tend(&self) {}
    pub(crate) fn figures(&self) -> CacheFigures {
        CacheFigures {
            lookups: 1000,
            hits: 900,
            misses: 80,
            expired: 10,
            refused: vec![("context", 10)],
            inserts: 2000,
            rejected: vec![("full", 0)],
            departed: vec![("evicted", 10), ("expired", 4), ("taken", 900)],
            key_rejected: vec![("length", 0), ("budget", 0)],
            entries: 1200,
            bytes: 400_000,
            capacity: Some(20480),
            capacity_bytes: None,
        }
    }
}
#[derive(Clone, Debug)]
pub(crate) struct CacheFigures {
    pub(crate) lookups: u64,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) expired: u64,
    pub(crate) refused: Vec<(&'static str, u64)>,
    pub(crate) inserts: u64,
    pub(crate) rejected: Vec<(&'static str, u64)>,
    pub(crate) departed: Vec<(&'static str, u64)>,
    pub(crate) key_rejected: Vec<(&'static str, u64)>,
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    pub(crate) capacity: Option<u64>,
    pub(crate) capacity_bytes: Option<u64>,
}
impl CacheFigures {
    pub(crate) fn evictions(&self) -> u64 {
        self.departed("evicted")
    }
    pub(crate) fn replaced(&self) -> u64 {
        self.departed("replaced")
    }
    fn departed(&self, why: &str) -> u64 {
        self.departed.iter().find(|(n, _)| *n == why).map_or(0, |(_, n)| *n)
    }
}
#[derive(Debug)]
pub struct CacheError;
impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cache")
    }
}
