//! The cache's callbacks, all at once and one by one.

use std::sync::Arc;

use resumption_callbacks::{
    AdmitSession, Callbacks, GenerateId, GetSession, NewSession, RemoveSession,
};

use crate::cache::SessionCache;

impl SessionCache {
    /// The callbacks. OpenSSL: `SSL_CTX_sess_get_new_cb`, `SSL_CTX_sess_get_get_cb`,
    /// `SSL_CTX_sess_get_remove_cb`.
    pub fn callbacks(&self) -> Arc<Callbacks> {
        self.shared.callbacks.current()
    }

    /// Swaps all callbacks at once and gives the former ones back. One of those may still be
    /// running.
    pub fn set_callbacks(&self, callbacks: Callbacks) -> Arc<Callbacks> {
        self.shared.callbacks.set(callbacks)
    }

    /// Sets the new callback alone, or none, and gives the former one back, which may still be running.
    /// OpenSSL: `SSL_CTX_sess_set_new_cb`.
    pub fn set_new_callback(
        &self,
        callback: Option<Arc<dyn NewSession>>,
    ) -> Option<Arc<dyn NewSession>> {
        self.change(|callbacks| callbacks.with_new(callback)).new_callback().cloned()
    }

    /// Sets the get callback alone, or none; otherwise as [`SessionCache::set_new_callback`].
    /// OpenSSL: `SSL_CTX_sess_set_get_cb`.
    pub fn set_get_callback(
        &self,
        callback: Option<Arc<dyn GetSession>>,
    ) -> Option<Arc<dyn GetSession>> {
        self.change(|callbacks| callbacks.with_get(callback)).get_callback().cloned()
    }

    /// Sets the remove callback alone, or none; otherwise as [`SessionCache::set_new_callback`].
    /// OpenSSL: `SSL_CTX_sess_set_remove_cb`.
    pub fn set_remove_callback(
        &self,
        callback: Option<Arc<dyn RemoveSession>>,
    ) -> Option<Arc<dyn RemoveSession>> {
        self.change(|callbacks| callbacks.with_remove(callback)).remove_callback().cloned()
    }

    /// Sets what decides about negotiated sessions, or nothing; otherwise as
    /// [`SessionCache::set_new_callback`]. OpenSSL: `SSL_CTX_set_not_resumable_session_callback`.
    pub fn set_admit_callback(
        &self,
        callback: Option<Arc<dyn AdmitSession>>,
    ) -> Option<Arc<dyn AdmitSession>> {
        self.change(|callbacks| callbacks.with_admit(callback)).admit_callback().cloned()
    }

    /// Sets the generator of ids, or none: then they are random. Otherwise as
    /// [`SessionCache::set_new_callback`]. OpenSSL: `SSL_CTX_set_generate_session_id`.
    pub fn set_id_generator(
        &self,
        generator: Option<Arc<dyn GenerateId>>,
    ) -> Option<Arc<dyn GenerateId>> {
        self.change(|callbacks| callbacks.with_id_generator(generator)).id_generator().cloned()
    }

    /// Changes one of them; two callers at once lose nothing.
    fn change(&self, change: impl FnOnce(Callbacks) -> Callbacks) -> Arc<Callbacks> {
        self.shared.callbacks.change(change)
    }
}
