//! How measurements are shown: as a page, as a short table, as predictions and verdicts.

pub(crate) mod budgets;
mod format;
#[expect(clippy::format_collect, reason = "a page is many small pieces; clarity beats a buffer")]
pub(crate) mod html;
mod svg;
pub(crate) mod terminal;
pub(crate) mod usl;
