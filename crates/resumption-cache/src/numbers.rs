//! Setters that take and give bare numbers, as OpenSSL's do: for adapters.

use resumption_policy::{CacheMode, Capacity, NegativeCapacity};

use crate::cache::SessionCache;

impl SessionCache {
    /// The mode as it was set, bits without a name included. OpenSSL: `SSL_CTX_get_session_cache_mode`.
    pub fn mode_word(&self) -> u32 {
        self.shared.live.mode_word()
    }

    /// Sets the mode to this word and gives the former one back. Bits without a name are kept and given
    /// back, and do nothing: `SSL_CTX_set_session_cache_mode` does not look at them either.
    /// [`SessionCache::set_mode`] cannot be given any.
    pub fn set_mode_word(&self, word: u32) -> u32 {
        let former = self.shared.live.set_mode_word(word);
        let clears = |word| CacheMode::from_bits_truncate(word).clears_automatically();
        if clears(former) != clears(word) {
            self.shared.schedule_sweeps(self.shared.now());
        }
        former
    }

    /// The most sessions; zero is unlimited. OpenSSL: `SSL_CTX_sess_get_cache_size`.
    pub fn cache_size(&self) -> i64 {
        self.capacity().to_openssl()
    }

    /// Sets the most sessions, zero for unlimited, and gives the former number back; a bound in bytes
    /// stays. OpenSSL: `SSL_CTX_sess_set_cache_size`. Otherwise as [`SessionCache::set_capacity`].
    ///
    /// # Errors
    /// [`NegativeCapacity`], the caller's fault; nothing has changed. OpenSSL ignores such a call.
    pub fn set_cache_size(&self, size: i64) -> Result<i64, NegativeCapacity> {
        let entries = Capacity::from_openssl(size)?.entries();
        Ok(self.change_capacity(|capacity| capacity.with_entries(entries)).to_openssl())
    }
}
