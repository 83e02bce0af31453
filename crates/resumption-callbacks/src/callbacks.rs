//! An immutable set of callbacks.

use core::fmt;
use std::sync::Arc;

use crate::{AdmitSession, GenerateId, GetSession, NewSession, RemoveSession};

/// A set of callbacks; each may be absent. It never changes: build another one and swap it in.
///
/// ```
/// use resumption_callbacks::{Callbacks, Removal, Retention};
/// use resumption_session::SessionView;
///
/// let callbacks = Callbacks::none()
///     .on_new(|session: SessionView<'_>| {
///         println!("{} bytes to keep", session.payload().len());
///         Retention::Keep
///     })
///     .on_remove(|removal: Removal<'_>| println!("gone: {}", removal.reason));
/// # let _ = callbacks;
/// ```
#[derive(Clone, Default)]
pub struct Callbacks {
    pub(crate) new: Option<Arc<dyn NewSession>>,
    pub(crate) get: Option<Arc<dyn GetSession>>,
    pub(crate) remove: Option<Arc<dyn RemoveSession>>,
    pub(crate) admit: Option<Arc<dyn AdmitSession>>,
    pub(crate) generate_id: Option<Arc<dyn GenerateId>>,
}

impl Callbacks {
    /// No callback at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// The same with this new callback. OpenSSL: `SSL_CTX_sess_set_new_cb`.
    #[must_use]
    pub fn on_new(mut self, callback: impl NewSession + 'static) -> Self {
        self.new = Some(Arc::new(callback));
        self
    }

    /// The same with this get callback. OpenSSL: `SSL_CTX_sess_set_get_cb`.
    #[must_use]
    pub fn on_get(mut self, callback: impl GetSession + 'static) -> Self {
        self.get = Some(Arc::new(callback));
        self
    }

    /// The same with this remove callback. OpenSSL: `SSL_CTX_sess_set_remove_cb`.
    #[must_use]
    pub fn on_remove(mut self, callback: impl RemoveSession + 'static) -> Self {
        self.remove = Some(Arc::new(callback));
        self
    }

    /// The same with this decision about negotiated sessions.
    /// OpenSSL: `SSL_CTX_set_not_resumable_session_callback`.
    #[must_use]
    pub fn on_admit(mut self, callback: impl AdmitSession + 'static) -> Self {
        self.admit = Some(Arc::new(callback));
        self
    }

    /// The same with this generator of ids. OpenSSL: `SSL_CTX_set_generate_session_id`.
    #[must_use]
    pub fn on_generate_id(mut self, generator: impl GenerateId + 'static) -> Self {
        self.generate_id = Some(Arc::new(generator));
        self
    }

    /// The same with this new callback, or none.
    #[must_use]
    pub fn with_new(mut self, callback: Option<Arc<dyn NewSession>>) -> Self {
        self.new = callback;
        self
    }

    /// The same with this get callback, or none.
    #[must_use]
    pub fn with_get(mut self, callback: Option<Arc<dyn GetSession>>) -> Self {
        self.get = callback;
        self
    }

    /// The same with this remove callback, or none.
    #[must_use]
    pub fn with_remove(mut self, callback: Option<Arc<dyn RemoveSession>>) -> Self {
        self.remove = callback;
        self
    }

    /// The same with this decision about negotiated sessions, or none.
    #[must_use]
    pub fn with_admit(mut self, callback: Option<Arc<dyn AdmitSession>>) -> Self {
        self.admit = callback;
        self
    }

    /// The same with this generator of ids, or none.
    #[must_use]
    pub fn with_id_generator(mut self, generator: Option<Arc<dyn GenerateId>>) -> Self {
        self.generate_id = generator;
        self
    }

    /// The new callback. OpenSSL: `SSL_CTX_sess_get_new_cb`.
    pub fn new_callback(&self) -> Option<&Arc<dyn NewSession>> {
        self.new.as_ref()
    }

    /// The get callback. OpenSSL: `SSL_CTX_sess_get_get_cb`.
    pub fn get_callback(&self) -> Option<&Arc<dyn GetSession>> {
        self.get.as_ref()
    }

    /// The remove callback. OpenSSL: `SSL_CTX_sess_get_remove_cb`.
    pub fn remove_callback(&self) -> Option<&Arc<dyn RemoveSession>> {
        self.remove.as_ref()
    }

    /// What decides about negotiated sessions.
    pub fn admit_callback(&self) -> Option<&Arc<dyn AdmitSession>> {
        self.admit.as_ref()
    }

    /// The generator of ids; without one, ids are random.
    pub fn id_generator(&self) -> Option<&Arc<dyn GenerateId>> {
        self.generate_id.as_ref()
    }
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callbacks")
            .field("new", &self.new.is_some())
            .field("get", &self.get.is_some())
            .field("remove", &self.remove.is_some())
            .field("admit", &self.admit.is_some())
            .field("generate_id", &self.generate_id.is_some())
            .finish()
    }
}
