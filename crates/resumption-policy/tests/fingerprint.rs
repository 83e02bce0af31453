//! What tells isolation contexts apart, and what does not.

use std::collections::HashSet;

use resumption_policy::{ClientCertificates, ContextFingerprint, Transport};
use resumption_session::ProtocolVersion;

const NO_AUTHORITY: [&[u8]; 0] = [];

fn server() -> ContextFingerprint {
    ContextFingerprint::new()
        .certificate(b"www")
        .client_certificates(ClientCertificates::Optional, [b"one", b"two"])
        .application_protocols(["h2", "http/1.1"])
        .cipher_suites([0x1301, 0xc02b])
        .lowest_version(ProtocolVersion::Tls12)
        .server_name_group("shop")
        .and("revoked", b"nobody")
}

#[test]
fn everything_that_a_full_handshake_depends_on_tells_contexts_apart() {
    let optional = ClientCertificates::Optional;
    let others = [
        ContextFingerprint::new(),
        server(),
        server().certificate(b"another one besides"),
        server().without_certificates(),
        server().without_certificates().certificate(b"renewed"),
        server().client_certificates(optional, [b"one"]),
        server().client_certificates(optional, NO_AUTHORITY),
        server().client_certificates(ClientCertificates::Required, [b"one", b"two"]),
        server().client_certificates(ClientCertificates::NotAsked, NO_AUTHORITY),
        server().application_protocols(["h2"]),
        server().cipher_suites([0x1301]),
        server().lowest_version(ProtocolVersion::Tls13),
        server().server_name_group("bank"),
        server().transport(Transport::Quic),
        server().and("revoked", b"somebody"),
        server().and("pinned", b"nobody"),
    ];
    let contexts: HashSet<_> = others.iter().map(ContextFingerprint::finish).collect();
    assert_eq!(contexts.len(), others.len());
}

#[test]
fn neither_order_nor_repetition_matters() {
    let same = ContextFingerprint::new()
        .and("revoked", b"everybody")
        .and("revoked", b"nobody")
        .server_name_group("shop")
        .lowest_version(ProtocolVersion::Tls12)
        .cipher_suites([0xc02b, 0x1301, 0xc02b])
        .application_protocols(["http/1.1", "h2", "h2"])
        .client_certificates(ClientCertificates::Optional, [b"two", b"one", b"two"])
        .certificate(b"www")
        .certificate(b"www");
    assert_eq!(server().finish(), same.finish());
}

#[test]
fn parts_that_run_together_are_different_parts() {
    let one = ContextFingerprint::new().application_protocols(["ab", "c"]);
    let other = ContextFingerprint::new().application_protocols(["a", "bc"]);
    assert_ne!(one.finish(), other.finish());
    let name = ContextFingerprint::new().server_name_group("h2");
    let protocol = ContextFingerprint::new().application_protocols(["h2"]);
    assert_ne!(name.finish(), protocol.finish());
}

#[test]
fn the_same_configuration_has_the_same_context_for_ever() {
    // Hosts of different releases share stores: other bytes part them. Computed by another program.
    let context = format!("{:?}", server().finish());
    assert_eq!(
        context,
        "SessionIdContext(ac340e0c6d6b0058abcbf7e6085c67fbb34202b6d528c4426ad128b69e362701)"
    );
}

#[test]
fn debug_shows_no_certificate() {
    let shown = format!("{:?}", server());
    assert!(shown.contains("certificates: 1") && !shown.contains("www"), "{shown}");
}
