//! Who we are to the store.

use core::fmt;

use resumption_session::SecretBytes;

/// A password, and the user that it belongs to where the store knows several.
///
/// `Debug` shows that there is one. The copy that a connection sends is the protocol library's and is not
/// wiped.
pub struct Credentials {
    user: Option<String>,
    password: SecretBytes,
}

impl Credentials {
    /// The password of the default user. Redis: `requirepass`.
    pub fn password(password: impl Into<Vec<u8>>) -> Self {
        Self { user: None, password: SecretBytes::new(password.into()) }
    }

    /// A user of the store's access control lists (Redis 6).
    pub fn user(name: impl Into<String>, password: impl Into<Vec<u8>>) -> Self {
        Self { user: Some(name.into()), password: SecretBytes::new(password.into()) }
    }

    pub(crate) fn command(&self) -> redis::Cmd {
        let mut command = redis::cmd("AUTH");
        if let Some(user) = &self.user {
            command.arg(user);
        }
        command.arg(self.password.expose());
        command
    }

    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.user == other.user && self.password.expose() == other.password.expose()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}
