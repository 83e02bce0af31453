//! Sessions shared with other servers, through a store outside the process.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use resumption_cache::{Callbacks, Context};
use resumption_external::{Options, SharedSessions, Stats, StoreUse, Wanted};
use resumption_redis::{Credentials, RedisConfig, RedisStore, Topology};
use resumption_sealing::{Codec, KeyRing, Sealer};
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use super::ServeError;
use super::hello::Hello;
use crate::certificate;
use crate::cli::{ServeArgs, StoreArgs, StoreUrl};
use crate::tls::TlsLibrary;

/// How long the sessions that are still queued get to be written when the server ends.
const LAST_WRITES: Duration = Duration::from_secs(1);

/// The store that the arguments name, and what lies between it and the cache.
pub(super) struct Store {
    shared: SharedSessions,
    args: StoreArgs,
}

impl Store {
    /// `None` if the arguments name none. Asks nobody yet: a store that is down keeps no server from
    /// starting. Must be called in a tokio runtime.
    pub(super) fn new(args: &ServeArgs) -> Result<Option<Self>, ServeError> {
        let store = &args.store;
        if store.store.is_empty() {
            return Ok(None);
        }
        let client = RedisStore::new(configuration(store)?).map_err(ServeError::Store)?;
        let sealer = Sealer::new(keys(store)?, store.store_namespace.clone(), codec(args.tls));
        let options = Options::new().deadline(store.store_deadline);
        let runtime = Handle::current();
        let shared = SharedSessions::new(Arc::new(client), sealer, runtime, options);
        Ok(Some(Self { shared, args: store.clone() }))
    }

    /// For the cache.
    pub(super) fn callbacks(&self) -> Callbacks {
        self.shared.callbacks()
    }

    /// Fetches what the TLS library is about to ask for in `context`, and waits for the deadline at most.
    pub(super) async fn prefetch(&self, context: &Context, hello: &Hello) {
        let looks_up = context.cache().mode().looks_up();
        let here = |wanted: &Wanted| match wanted {
            Wanted::Get(id) => looks_up && context.contains(id),
            // Only the store knows whether another server has taken it.
            Wanted::Take(_) => false,
        };
        if !hello.wanted.iter().any(here) {
            self.shared.prefetch(context.bytes(), &hello.wanted).await;
        }
    }

    /// Reads the keys again, and uses them from now on.
    pub(super) fn read_keys(&self) -> Result<(), ServeError> {
        self.shared.rotate(keys(&self.args)?);
        Ok(())
    }

    /// Throws the switch.
    pub(super) fn set_use(&self, store_use: StoreUse) {
        self.shared.set_use(store_use);
    }

    /// What happened so far.
    pub(super) fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Gives what is queued its time to be written, after the last handshake.
    pub(super) async fn drain(&self) {
        self.shared.drain(LAST_WRITES).await;
    }
}

/// The keys in the file that the arguments name.
pub(super) fn keys(store: &StoreArgs) -> Result<KeyRing, ServeError> {
    // The command line asks for it wherever it is needed.
    let path = store.store_keys.as_deref().unwrap_or(Path::new(""));
    KeyRing::from_file(path).map_err(|why| ServeError::Keys { path: path.to_owned(), why })
}

/// Who encodes the sessions: a library does not read another's.
pub(super) fn codec(library: TlsLibrary) -> Codec {
    match library {
        TlsLibrary::Openssl => Codec::OPENSSL_DER,
        TlsLibrary::Rustls => Codec::RUSTLS_0_23,
    }
}

/// For people: what the store is, and never its URL.
pub(super) fn describe(store: &StoreArgs) -> &'static str {
    match topology(store) {
        Topology::Cluster => "cluster",
        Topology::Sentinel { .. } => "sentinel",
        _ => "one server",
    }
}

fn topology(store: &StoreArgs) -> Topology {
    match &store.store_primary {
        Some(primary) => Topology::Sentinel { primary: primary.clone() },
        None if store.store_cluster || store.store.len() > 1 => Topology::Cluster,
        None => Topology::Standalone,
    }
}

fn configuration(store: &StoreArgs) -> Result<RedisConfig, ServeError> {
    let urls = store.store.iter().map(StoreUrl::as_str);
    let mut config = RedisConfig::new(topology(store), urls).map_err(ServeError::Store)?;
    if let Some(path) = &store.store_password_file {
        let text = fs::read(path).map(Zeroizing::new);
        let text = text.map_err(|why| ServeError::StorePassword { path: path.clone(), why })?;
        // Editors end files with a line end.
        let password = text.trim_ascii_end();
        config = config.credentials(match &store.store_user {
            Some(user) => Credentials::user(user, password),
            None => Credentials::password(password),
        });
    }
    if let Some(path) = &store.store_ca {
        let roots = certificate::certificates_from_pem_file(path)?;
        config = config.authorities(roots).map_err(ServeError::Store)?;
    }
    Ok(config)
}
