//! The status page: the figures for people. One page, no script, nothing loaded from anywhere.

mod store;

use std::fmt::{self, Display, Write};

use super::figures::Figures;
use super::history::{SECONDS, Second};
use crate::text;

/// The style sheet, inlined.
const STYLE: &str = include_str!("status.css");

/// Seconds between two refreshes.
const REFRESH: u32 = 2;

/// Renders the page.
pub(super) fn page(figures: &Figures) -> String {
    let mut html = String::with_capacity(16 * 1024);
    // Writing to a String does not fail.
    let _ = write_page(&mut html, figures);
    html
}

fn write_page(html: &mut String, figures: &Figures) -> fmt::Result {
    let address = escaped(&figures.address);
    write!(
        html,
        "<!doctype html><html lang=en><head><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=refresh content={REFRESH}>\
         <meta name=color-scheme content=\"light dark\">\
         <link rel=icon href=data:,><title>resumption at {address}</title><style>{STYLE}</style></head><body><main>\
         <header><h1>resumption</h1><p>TLS session cache at {address}, up {}</p></header>",
        uptime(figures.uptime.as_secs()),
    )?;
    write_cards(html, figures)?;
    write_chart(html, &figures.history)?;
    html.push_str("<div class=tables>");
    write_handshakes(html, figures)?;
    write_lookups(html, figures)?;
    write_sessions(html, figures)?;
    if let Some(store) = &figures.store {
        store::write(html, store)?;
    }
    if figures.hosts.len() > 1 {
        write_hosts(html, figures)?;
    }
    html.push_str("</div>");
    write_footer(html, figures)?;
    html.push_str("</main></body></html>\n");
    Ok(())
}

/// The four numbers that matter, each with its share as a bar.
fn write_cards(html: &mut String, figures: &Figures) -> fmt::Result {
    let (cache, handshakes) = (&figures.cache, &figures.handshakes);
    let done = handshakes.full() + handshakes.resumed();
    html.push_str("<section class=cards>");
    card(
        html,
        "Handshakes resumed",
        &share_text(handshakes.resumed(), done),
        Some((handshakes.resumed(), done)),
        &format!("{} of {}", text::grouped(handshakes.resumed()), text::grouped(done)),
    )?;
    card(
        html,
        "Lookups answered",
        &share_text(cache.hits, cache.lookups),
        Some((cache.hits, cache.lookups)),
        &format!("{} of {}", text::grouped(cache.hits), text::grouped(cache.lookups)),
    )?;
    let room = cache
        .capacity
        .map_or("no limit".to_owned(), |capacity| format!("room for {}", text::grouped(capacity)));
    card(
        html,
        "Sessions held",
        &text::grouped(cache.entries),
        cache.capacity.map(|capacity| (cache.entries, capacity)),
        &room,
    )?;
    let room =
        cache.capacity_bytes.map_or("bounded by the number of sessions".to_owned(), |capacity| {
            format!("room for {}", text::bytes(capacity))
        });
    card(
        html,
        "Memory for sessions",
        &text::bytes(cache.bytes),
        cache.capacity_bytes.map(|capacity| (cache.bytes, capacity)),
        &room,
    )?;
    html.push_str("</section>");
    Ok(())
}

fn card(
    html: &mut String,
    title: &str,
    figure: &str,
    share: Option<(u64, u64)>,
    below: &str,
) -> fmt::Result {
    write!(html, "<div class=card><h2>{title}</h2><p class=figure>{figure}</p>")?;
    if let Some((part, whole)) = share {
        write!(html, "<meter min=0 max={} value={part}></meter>", whole.max(1))?;
    }
    write!(html, "<p class=below>{below}</p></div>")
}

/// Handshakes of the last minute: a bar for each second, resumed below, full on top.
fn write_chart(html: &mut String, seconds: &[Second]) -> fmt::Result {
    const HEIGHT: u64 = 120;
    let most = seconds.iter().map(|second| second.full + second.resumed).max().unwrap_or(0);
    let scale = most.max(1);
    write!(
        html,
        "<section class=chart><h2>Handshakes per second, last minute \
         <span class=legend><i class=resumed></i>resumed <i class=full></i>full\
         <span class=most>most: {}</span></span></h2>\
         <svg viewBox=\"0 0 {} {HEIGHT}\" preserveAspectRatio=none role=img \
         aria-label=\"Handshakes per second\">",
        text::grouped(most),
        SECONDS * 10,
    )?;
    let empty = SECONDS.saturating_sub(seconds.len());
    for (at, second) in seconds.iter().enumerate() {
        let x = (empty + at) * 10 + 1;
        let resumed = second.resumed * HEIGHT / scale;
        let full = second.full * HEIGHT / scale;
        write!(
            html,
            "<g><title>{} resumed, {} full</title>\
             <rect class=full x={x} y={} width=8 height={full} />\
             <rect class=resumed x={x} y={} width=8 height={resumed} /></g>",
            text::grouped(second.resumed),
            text::grouped(second.full),
            HEIGHT - resumed - full,
            HEIGHT - resumed,
        )?;
    }
    html.push_str("</svg></section>");
    Ok(())
}

fn write_handshakes(html: &mut String, figures: &Figures) -> fmt::Result {
    let handshakes = &figures.handshakes;
    table(
        html,
        "Handshakes",
        [
            ("TLS 1.3 resumed", handshakes.resumed13),
            ("TLS 1.3 full", handshakes.full13),
            ("TLS 1.2 resumed", handshakes.resumed12),
            ("TLS 1.2 full", handshakes.full12),
            ("refused", handshakes.refused),
            ("abandoned", handshakes.abandoned),
            ("timed out", handshakes.timed_out),
        ],
    )
}

fn write_lookups(html: &mut String, figures: &Figures) -> fmt::Result {
    let cache = &figures.cache;
    let found = [
        ("asked for", cache.lookups),
        ("found", cache.hits),
        ("not found", cache.misses),
        ("too old", cache.expired),
    ];
    let found = found.map(|(name, count)| (name.to_owned(), count));
    let refused = explained("refused", &cache.refused);
    let ignored = explained("ignored", &cache.key_rejected);
    table(html, "Lookups", found.into_iter().chain(refused).chain(ignored))
}

fn write_sessions(html: &mut String, figures: &Figures) -> fmt::Result {
    let cache = &figures.cache;
    let stored = ("stored".to_owned(), cache.inserts);
    let departed = cache.departed.iter().map(|(reason, count)| ((*reason).to_owned(), *count));
    let rejected = explained("not stored", &cache.rejected);
    table(html, "Sessions", std::iter::once(stored).chain(departed).chain(rejected))
}

fn write_hosts(html: &mut String, figures: &Figures) -> fmt::Result {
    let rows = figures.hosts.iter().flat_map(|host| {
        let name = if host.label == "*" { "any other" } else { &host.label };
        [(format!("{name} resumed"), host.resumed), (format!("{name} full"), host.full)]
    });
    table(html, "Hosts", rows)
}

/// Rows for reasons that have occurred; those that have not would only be noise.
fn explained(what: &str, reasons: &[(&'static str, u64)]) -> impl Iterator<Item = (String, u64)> {
    reasons
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(move |(reason, count)| (format!("{what}: {}", reason.replace('_', " ")), *count))
}

fn table(
    html: &mut String,
    title: &str,
    rows: impl IntoIterator<Item = (impl AsRef<str>, u64)>,
) -> fmt::Result {
    write!(html, "<section><h2>{title}</h2><table><tbody>")?;
    for (name, count) in rows {
        let class = if count == 0 { " class=zero" } else { "" };
        write!(html, "<tr{class}><th scope=row>{}</th>", escaped(name.as_ref()))?;
        write!(html, "<td>{}</td></tr>", text::grouped(count))?;
    }
    html.push_str("</tbody></table></section>");
    Ok(())
}

fn write_footer(html: &mut String, figures: &Figures) -> fmt::Result {
    html.push_str("<footer><p>");
    for (name, value) in &figures.settings {
        write!(html, "<span>{name} <b>{}</b></span> ", escaped(value))?;
    }
    for (name, value) in figures.store.iter().flat_map(store::states) {
        write!(html, "<span>{name} <b>{value}</b></span> ")?;
    }
    write!(
        html,
        "<span>connections <b>{} of {}</b></span></p>\
         <p><a href=/metrics>metrics</a> <a href=/healthz>health</a></p></footer>",
        figures.connections, figures.max_connections
    )
}

fn share_text(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a share, shown to four digits")]
    if whole == 0 { "–".to_owned() } else { text::percent(part as f64 / whole as f64) }
}

fn uptime(seconds: u64) -> String {
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Text that cannot be taken for markup.
fn escaped(text: &str) -> impl Display {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
