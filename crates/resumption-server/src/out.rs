//! Standard output and standard error, without the panics of `println!`.

use std::fmt::Arguments;
use std::io::Write;

/// Writes to standard output. When nobody reads it any more (`resumption load … | head -1`) there is
/// nobody to tell, and no reason to die of it.
pub(crate) fn print(text: Arguments<'_>) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_fmt(text).and_then(|()| stdout.flush());
}

/// Writes one line to standard error, by the program's name.
pub(crate) fn complain(line: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "resumption: {line}");
}

/// Writes text of several lines, such as the help, to standard error.
pub(crate) fn complain_plainly(text: Arguments<'_>) {
    let _ = std::io::stderr().write_fmt(text);
}
