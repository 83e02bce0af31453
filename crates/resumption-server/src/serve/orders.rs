//! What an operator says while the server runs: signals, on systems that have them.

use std::future::pending;
use std::io;

use super::Shared;
use crate::cli::ServeArgs;

/// Signals for a server whose sessions leave the process: SIGHUP reads the keys again, SIGUSR1 leaves the
/// store alone, SIGUSR2 uses it again. Without a file of keys they stay what they are for any program.
pub(super) struct Orders(Option<system::Signals>);

impl Orders {
    /// Starts listening: before the server says that it is ready, so that none is lost.
    pub(super) fn listen(args: &ServeArgs) -> io::Result<Self> {
        args.store.store_keys.is_some().then(system::Signals::listen).transpose().map(Self)
    }

    /// Does what is said, for ever.
    pub(super) async fn obey(self, shared: &Shared) {
        match self.0 {
            Some(signals) => signals.obey(shared).await,
            None => pending().await,
        }
    }
}

#[cfg(unix)]
mod system {
    use std::io;

    use resumption_external::StoreUse;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use crate::out;
    use crate::serve::Shared;

    pub(super) struct Signals {
        hangup: Signal,
        first: Signal,
        second: Signal,
    }

    impl Signals {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self {
                hangup: signal(SignalKind::hangup())?,
                first: signal(SignalKind::user_defined1())?,
                second: signal(SignalKind::user_defined2())?,
            })
        }

        pub(super) async fn obey(mut self, shared: &Shared) {
            loop {
                tokio::select! {
                    _ = self.hangup.recv() => shared.rotate(),
                    _ = self.first.recv() => shared.set_use(StoreUse::Off),
                    _ = self.second.recv() => shared.set_use(StoreUse::On),
                }
            }
        }
    }

    impl Shared {
        /// Keys that cannot be read change nothing.
        fn rotate(&self) {
            let Some(store) = &self.store else { return };
            match store.read_keys() {
                Ok(()) => out::complain(format_args!("the keys were read again")),
                Err(why) => out::complain(format_args!("the keys stay as they are: {why}")),
            }
        }

        fn set_use(&self, store_use: StoreUse) {
            let Some(store) = &self.store else { return };
            store.set_use(store_use);
            out::complain(format_args!(
                "the store is switched {}",
                match store_use {
                    StoreUse::Off => "off",
                    StoreUse::On => "on",
                }
            ));
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::future::pending;
    use std::io;

    use crate::serve::Shared;

    /// There are none here.
    pub(super) struct Signals;

    impl Signals {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn obey(self, _shared: &Shared) {
            pending().await
        }
    }
}
