//! `docs/openssl.md` has a row for everything in OpenSSL's pages, and leads to what is there.

use std::collections::BTreeSet;

/// Where the table lies.
pub(super) const PAGE: &str = "docs/openssl.md";

/// Every function, flag, callback and counter that the five pages name or that the pages in their SEE ALSO
/// lists are about, and their companions for sessions. By page; a name that several have stands once.
const NAMES: &[&str] = &[
    // SSL_CTX_add_session(3), SSL_SESSION_free(3)
    "SSL_CTX_add_session",
    "SSL_CTX_remove_session",
    "SSL_SESSION_dup",
    "SSL_SESSION_free",
    "SSL_SESSION_new",
    "SSL_SESSION_up_ref",
    "SSL_SESS_CACHE_NO_INTERNAL_LOOKUP",
    "SSL_SESS_CACHE_NO_INTERNAL_STORE",
    "SSL_add_session",
    "SSL_remove_session",
    "ssl",
    // SSL_CTX_set_session_cache_mode(3), SSL_CTX_flush_sessions(3), SSL_session_reused(3)
    "SSL_CTX_flush_sessions",
    "SSL_CTX_flush_sessions_ex",
    "SSL_CTX_get_session_cache_mode",
    "SSL_CTX_set_session_cache_mode",
    "SSL_SESS_CACHE_BOTH",
    "SSL_SESS_CACHE_CLIENT",
    "SSL_SESS_CACHE_NO_AUTO_CLEAR",
    "SSL_SESS_CACHE_NO_INTERNAL",
    "SSL_SESS_CACHE_OFF",
    "SSL_SESS_CACHE_SERVER",
    "SSL_SESS_CACHE_UPDATE_TIME",
    "SSL_session_reused",
    // SSL_CTX_sess_number(3)
    "SSL_CTX_sess_accept",
    "SSL_CTX_sess_accept_good",
    "SSL_CTX_sess_accept_renegotiate",
    "SSL_CTX_sess_cache_full",
    "SSL_CTX_sess_cb_hits",
    "SSL_CTX_sess_connect",
    "SSL_CTX_sess_connect_good",
    "SSL_CTX_sess_connect_renegotiate",
    "SSL_CTX_sess_hits",
    "SSL_CTX_sess_misses",
    "SSL_CTX_sess_number",
    "SSL_CTX_sess_timeouts",
    // SSL_CTX_sess_set_cache_size(3)
    "SSL_CTX_sess_get_cache_size",
    "SSL_CTX_sess_set_cache_size",
    // SSL_CTX_sess_set_get_cb(3), d2i_SSL_SESSION(3), SSL_CTX_free(3)
    "SSL_CTX_free",
    "SSL_CTX_sess_get_get_cb",
    "SSL_CTX_sess_get_new_cb",
    "SSL_CTX_sess_get_remove_cb",
    "SSL_CTX_sess_set_get_cb",
    "SSL_CTX_sess_set_new_cb",
    "SSL_CTX_sess_set_remove_cb",
    "d2i_SSL_SESSION",
    "get_session_cb",
    "i2d_SSL_SESSION",
    "new_session_cb",
    "remove_session_cb",
    // SSL_CTX_set_session_id_context(3)
    "SSL_CTX_set_session_id_context",
    "SSL_set_session_id_context",
    // SSL_CTX_set_timeout(3), SSL_SESSION_get_time(3)
    "SSL_CTX_get_timeout",
    "SSL_CTX_set_timeout",
    "SSL_SESSION_get_time",
    "SSL_SESSION_get_timeout",
    "SSL_SESSION_set_time",
    "SSL_SESSION_set_timeout",
    "SSL_get_default_timeout",
    "SSL_get_time",
    "SSL_get_timeout",
    "SSL_set_time",
    "SSL_set_timeout",
    // SSL_set_session(3), SSL_get_session(3), SSL_shutdown(3), SSL_set_shutdown(3)
    "SSL_SENT_SHUTDOWN",
    "SSL_connect",
    "SSL_get0_session",
    "SSL_get1_session",
    "SSL_get_session",
    "SSL_get_shutdown",
    "SSL_set_session",
    "SSL_set_shutdown",
    "SSL_shutdown",
    // What decides about sessions besides.
    "SSL_CTX_set_generate_session_id",
    "SSL_CTX_set_not_resumable_session_callback",
    "SSL_SESSION_is_resumable",
    "SSL_has_matching_session_id",
    "SSL_set_generate_session_id",
    "SSL_set_not_resumable_session_callback",
];

/// What is missing on the page, and where it leads to nothing. `read` gives a file of the repository.
pub(super) fn faults(page: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let rows: Vec<_> = page.lines().filter_map(row).collect();
    let named: BTreeSet<_> = rows.iter().map(|(name, _)| *name).collect();
    let missing = NAMES.iter().filter(|name| !named.contains(*name));
    let missing = missing.map(|name| format!("{PAGE}: no row for {name}"));
    let empty = rows.iter().filter(|(_, here)| here.is_empty());
    let empty = empty.map(|(name, _)| format!("{PAGE}: {name} has no counterpart"));
    let astray = links(page).filter(|(item, path)| {
        let last = item.rsplit("::").next().unwrap_or(item);
        !read(path).is_some_and(|text| has_word(&text, last))
    });
    let astray = astray.map(|(item, path)| format!("{PAGE}: no {item} in {path}"));
    missing.chain(empty).chain(astray).collect()
}

/// The name in the first cell of a row, and its second cell.
fn row(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
    let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
    Some((name, cells.next()?))
}

/// The items that the page leads to, with the files in which they should be.
fn links(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split("[`").skip(1).filter_map(|rest| {
        let (item, rest) = rest.split_once("`](../")?;
        let (path, _) = rest.split_once(')')?;
        path.starts_with("crates/").then_some((item, path))
    })
}

fn has_word(text: &str, word: &str) -> bool {
    let part_of_word = |char: char| char.is_alphanumeric() || char == '_';
    text.split(|char| !part_of_word(char)).any(|found| found == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> String {
        let row = |name| format!("| `{name}` | [`A::b`](../crates/a.rs) | | |\n");
        NAMES.iter().map(row).collect::<Vec<_>>().concat()
    }

    fn read(path: &str) -> Option<String> {
        (path == "crates/a.rs").then(|| "pub fn b() {}".to_owned())
    }

    #[test]
    fn a_page_with_a_row_for_each_name_is_fine() {
        assert_eq!(faults(&complete(), read), [""; 0]);
    }

    #[test]
    fn what_is_missing_or_leads_to_nothing_is_said() {
        let page = complete().replace("`SSL_shutdown`", "SSL_shutdown")
            + "| `SSL_clear` | | | |\n[`A::c`](../crates/a.rs) [`D`](../crates/d.rs)";
        let expected = [
            "docs/openssl.md: no row for SSL_shutdown",
            "docs/openssl.md: SSL_clear has no counterpart",
            "docs/openssl.md: no A::c in crates/a.rs",
            "docs/openssl.md: no D in crates/d.rs",
        ];
        assert_eq!(faults(&page, read), expected);
    }
}
