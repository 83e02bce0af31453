//! What the server was told to do, for people: on the status page, and in part in its first line.

use resumption_snapshot::Restored;

use super::store;
use crate::cli::ServeArgs;
use crate::text;

/// Names and values. None is a secret, nor the URL of a store, in which there may be one.
pub(super) fn settings(
    args: &ServeArgs,
    restored: Option<&Restored>,
) -> Vec<(&'static str, String)> {
    let certificate = match &args.cert {
        Some(_) => "from file",
        None => "self-signed",
    };
    let mut described = vec![
        ("library", args.tls.to_string()),
        ("versions", args.versions.to_string()),
        ("certificate", certificate.to_owned()),
        ("session timeout", text::span(args.timeout)),
        ("lookups per handshake", args.lookups_per_handshake.to_string()),
        ("handshake timeout", text::span(args.handshake_timeout)),
    ];
    if !args.groups.is_empty() {
        let groups: Vec<_> = args.groups.iter().map(ToString::to_string).collect();
        described.push(("groups", groups.join(", ")));
    }
    if let Some(upstream) = &args.upstream {
        described.push(("upstream", upstream.to_string()));
    }
    if !args.store.store.is_empty() {
        described.push(("store", store::describe(&args.store).to_owned()));
        described.push(("namespace", args.store.store_namespace.as_str().to_owned()));
        described.push(("store deadline", text::span(args.store.store_deadline)));
    }
    if let Some(restored) = restored {
        described.push(("restored", format!("{} sessions", text::grouped(restored.loaded))));
    }
    described
}
