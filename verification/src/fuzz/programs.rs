//! What people type: the command line of the program `resumption`, with all its values.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use resumption_server::cli::{Cli, Endpoint, EntryLimit, NoCommand};

/// The arguments are the lines of the input. What is wrong is said in one line.
pub(super) fn command_line(data: &[u8]) {
    let arguments: Vec<_> =
        data.split(|byte| *byte == b'\n').map(|line| OsString::from_vec(line.to_vec())).collect();
    let all = std::iter::once(OsString::from("resumption")).chain(arguments.iter().cloned());
    if let Err(NoCommand::Wrong(line)) = Cli::from_arguments(all) {
        // An argument is shown as it was typed, line breaks of its own aside.
        assert!(!line.contains('\n'), "{line:?}");
        assert!(!line.is_empty());
    }
    for argument in arguments.iter().filter_map(|argument| argument.to_str()) {
        values(argument);
    }
}

/// Values that are shown as they can be typed again.
fn values(text: &str) {
    if let Ok(endpoint) = text.parse::<Endpoint>() {
        assert_eq!(endpoint.to_string().parse(), Ok(endpoint));
    }
    if let Ok(limit) = text.parse::<EntryLimit>() {
        assert_eq!(limit.to_string().parse(), Ok(limit));
    }
}
