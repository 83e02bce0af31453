//! The fingerprint of a rustls client's configuration.

use resumption_cache::ContextFingerprint;
use rustls::ClientConfig;

/// What `config` says of itself, for the isolation context of its sessions: its cipher suites and
/// application protocols, and that it is a client's.
///
/// rustls shows neither what a configuration trusts nor as whom it presents itself: say so with
/// [`ContextFingerprint::and`], where one cache serves configurations that differ in that.
pub fn client_fingerprint(config: &ClientConfig) -> ContextFingerprint {
    let suites = &config.crypto_provider().cipher_suites;
    ContextFingerprint::new()
        .and("resumption: role", "client")
        .application_protocols(&config.alpn_protocols)
        .cipher_suites(suites.iter().map(|suite| u16::from(suite.suite())))
}
