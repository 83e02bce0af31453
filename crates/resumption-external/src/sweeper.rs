//! Wipes what lies ready and was not picked up, also where no more handshakes come.

use std::sync::Arc;

use tokio::time::sleep_until;

use crate::shared::Inner;
use crate::state::State;

pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        let next = inner.with(State::sweep);
        let due = async {
            match next {
                // All live equally long: what comes meanwhile ends later.
                Some(end) => sleep_until(end).await,
                None => inner.deposits.notified().await,
            }
        };
        tokio::select! {
            () = due => {}
            () = inner.stopping.notified() => return,
        }
    }
}
